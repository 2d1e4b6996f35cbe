"""Every kind of statement that stands apart, its client killed before, during and after: a rerun converges."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from pipeline.errors import Failed
from pipeline.postgres.target import Target
from tests.support.processes import kill, script
from tests.support.sites import applied, ask, attempts, bystander, indexes, up, waits_for
from tests.support.tree import ROOT

CLIENT = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pipeline.postgres.target import Target
from pipeline.postgres.work import Unwatched
from tests.support.sites import site

class Killed(Unwatched):
    def begun(self):
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
    def ran(self, statement, *, started, rows):
        if moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)

host, dbname, user, sql, moment = sys.argv[2:7]
target = Target("killed", lambda: {"host": host, "port": "5432", "dbname": dbname, "user": user})
with site(target) as at:
    at.up("2", sql, watch=Killed())
"""
SHARED = """
create table a (id int); insert into a values (1); create index j on a (id);
create type e as enum ('a');
create table p (id int) partition by range (id);
create table q partition of p for values from (0) to (10)
"""
ENUM = "select enumlabel from pg_enum where enumtypid = 'e'::regtype order by enumsortorder"
PARTITIONS = "select inhrelid::regclass::text from pg_inherits where inhparent = 'p'::regclass"


@dataclass(frozen=True)
class Kind:
    """A statement, what holds it up in the middle, and what it leaves."""

    sql: str
    held_up_by: str
    indexes: Mapping[str, bool] = field(default_factory=lambda: {"j": True})
    labels: Sequence[str] = ("a",)
    partitions: Sequence[str] = ("q",)


KINDS = {
    "build": Kind("create index concurrently i on a (id)", "insert into a values (2)", {"i": True, "j": True}),
    "drop": Kind("drop index concurrently j", "insert into a values (2)", {}),
    "reindex": Kind("reindex index concurrently j", "insert into a values (2)"),
    "add value": Kind(
        "alter type e add value 'b'", "alter type e add value 'c'", labels=["a", "b"]
    ),
    "vacuum": Kind("vacuum a", "lock table a in share update exclusive mode"),
    "detach": Kind(
        "alter table p detach partition q concurrently", "select from p", partitions=[]
    ),
}  # fmt: skip
DUPLICATES = Kind("create unique index concurrently i on a (id)", "insert into a values (2)")

pytestmark = pytest.mark.acceptance("AT-03")


@pytest.fixture(autouse=True)
def tables(owner: Target) -> None:
    up(owner, "1", SHARED)


def killed(owner: Target, database: Target, kind: Kind, moment: str) -> None:
    """Run a statement in a process that is killed at that moment."""
    where = owner.resolve()
    client = script(CLIENT, ROOT, where["host"], where["dbname"], where["user"], kind.sql, moment)
    if moment != "during":
        client.communicate(timeout=60)
        assert client.returncode == -signal.SIGKILL
        return
    with bystander(database, autocommit=False) as holder:
        holder.execute(kind.held_up_by.encode())
        pids = "select pid from pg_stat_activity where query = %s and wait_event_type = 'Lock'"
        while not (found := ask(database, pids, kind.sql)):
            assert client.poll() is None
        kill(client)
        waits_for(database, f"select where not exists (select from pg_stat_activity where pid = {found[0][0]})")


def left(owner: Target) -> object:
    return (
        indexes(owner),
        [label for (label,) in ask(owner, ENUM)],
        [name for (name,) in ask(owner, PARTITIONS)],
        applied(owner),
        attempts(owner),
    )


@pytest.mark.parametrize("moment", ["before", "during", "after"])
@pytest.mark.parametrize("name", KINDS)
def test_the_rerun_ends_where_an_undisturbed_run_does(
    owner: Target, database: Target, name: str, moment: str
) -> None:
    kind = KINDS[name]
    killed(owner, database, kind, moment)
    up(owner, "2", kind.sql)
    assert left(owner) == (
        kind.indexes, list(kind.labels), list(kind.partitions), [("1", True), ("2", True)], []
    )  # fmt: skip


@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_unique_build_on_duplicates_fails_and_leaves_nothing(
    owner: Target, database: Target, moment: str
) -> None:
    ask(database, "insert into a values (1)")
    killed(owner, database, DUPLICATES, moment)
    with pytest.raises(Failed, match="could not create unique index"):
        up(owner, "2", DUPLICATES.sql)
    assert left(owner) == ({"j": True}, ["a"], ["q"], [("1", True)], [])


def test_a_detachment_that_was_cut_off_is_finished_and_not_begun_anew(owner: Target, database: Target) -> None:
    kind = KINDS["detach"]
    killed(owner, database, kind, "during")
    pending = "select inhdetachpending from pg_inherits where inhparent = 'p'::regclass"
    assert ask(database, pending) == [(True,)]
    up(owner, "2", kind.sql)
    assert ask(database, pending) == []
    assert applied(owner) == [("1", True), ("2", True)]
