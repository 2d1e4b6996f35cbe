"""While an index is built, the format's lock is held or not as the real tool's waiters need it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.errors import OutcomeUnknown
from pipeline.postgres.target import Target
from tests.support.sites import (
    LIMITS,
    applied,
    ask,
    attempts,
    building,
    bystander,
    indexes,
    site,
    up,
    waits_for,
)

BUILD = "create index concurrently i on a (id)"
HELD = """
select ((classid::bigint << 32) | objid::bigint) = any (%s) from pg_locks
 where locktype = 'advisory' and granted
   and database = (select oid from pg_database where datname = current_database())
 order by 1
"""


def prepare(owner: Target, format_name: str) -> int:
    """A table to index; the format's key."""
    with site(owner, format_name) as at:
        at.up("1", "create table a (id int)")
        return at.work.key


@pytest.mark.parametrize(
    ("format_name", "held"), [("flyway", True), ("golang-migrate", False), ("prisma", False)]
)
def test_the_formats_lock_during_a_build(owner: Target, database: Target, format_name: str, held: bool) -> None:
    key = prepare(owner, format_name)
    with ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as writer:
        writer.execute("insert into a values (1)")
        applying = pool.submit(up, owner, "2", BUILD, format_name)
        building(database)
        assert ((True,) in ask(database, HELD, [key])) is held
        assert attempts(owner) == ["2"]
        if not held:
            assert applied(owner, format_name)[-1][1] is False  # the fence
        writer.rollback()
        applying.result(30)
    assert indexes(owner) == {"i": True}
    assert applied(owner, format_name)[-1][1]


@pytest.mark.parametrize("format_name", ["golang-migrate", "prisma"])
def test_a_real_tool_that_waits_for_its_lock_in_the_server_is_no_deadlock(
    owner: Target, database: Target, format_name: str
) -> None:
    key = prepare(owner, format_name)
    with (
        ThreadPoolExecutor(2) as pool,
        bystander(database, autocommit=False) as writer,
        bystander(database, "real tool") as tool,
    ):
        tool.execute("select pg_advisory_lock(%s)", [key])
        writer.execute("insert into a values (1)")
        applying = pool.submit(up, owner, "2", BUILD, format_name, limits=LIMITS)
        tool.execute("select pg_advisory_unlock(%s)", [key])
        building(database)
        pool.submit(tool.execute, "select pg_advisory_lock(%s)", [key]).result(30)
        writer.rollback()
        waits_for(database, "select from pg_index where indexrelid = to_regclass('i') and indisvalid")
        assert not applied(owner, format_name)[-1][1]
        tool.execute("select pg_advisory_unlock(%s)", [key])
        applying.result(30)
    assert (indexes(owner), attempts(owner)) == ({"i": True}, [])


def test_a_build_whose_connection_is_killed_is_unknown_and_a_rerun_converges(
    owner: Target, database: Target
) -> None:
    prepare(owner, "golang-migrate")
    with ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as writer:
        writer.execute("insert into a values (1)")
        applying = pool.submit(up, owner, "2", BUILD, "golang-migrate")
        building(database)
        ask(database, "select pg_terminate_backend(pid) from pg_stat_activity where query = %s", BUILD)
        with pytest.raises(OutcomeUnknown, match="the connection was lost while 2 ran outside a transaction"):
            applying.result(30)
    assert (indexes(owner), attempts(owner)) == ({"i": False}, ["2"])
    assert applied(owner, "golang-migrate") == [("2", False)]
    up(owner, "2", BUILD, "golang-migrate")
    assert (indexes(owner), attempts(owner)) == ({"i": True}, [])
    assert applied(owner, "golang-migrate") == [("2", True)]
