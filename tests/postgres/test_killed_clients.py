"""SIGKILL of a client: the server lets go of what it did, and the next run waits for that and converges."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.postgres.target import Target
from tests.support.processes import kill, script
from tests.support.sites import applied, ask, attempts, building, bystander, indexes, up, waits_for
from tests.support.tree import ROOT

CLIENT = """
import sys
sys.path.insert(0, sys.argv[1])
from pipeline.postgres.target import Target
from tests.support.sites import up
host, dbname, user, sql = sys.argv[2:6]
up(Target("killed", lambda: {"host": host, "port": "5432", "dbname": dbname, "user": user}), "2", sql)
"""
BUILD = "create index concurrently i on a (id)"
CLEAR = 'drop index concurrently "public"."i"'
DROP = "drop index concurrently j"
ALTER = "alter table a add n int; update a set n = case when pg_sleep(30) is null then 1 end"


@pytest.fixture(autouse=True)
def table(owner: Target) -> None:
    up(owner, "1", "create table a (id int); insert into a values (1); create index j on a (id)")


@pytest.mark.parametrize(("sql", "end"), [(BUILD, {"i": True, "j": True}), (DROP, {})], ids=["build", "drop"])
def test_the_rerun_waits_for_the_zombie_and_converges(
    owner: Target, database: Target, sql: str, end: dict[str, bool]
) -> None:
    where = owner.resolve()
    client = script(CLIENT, ROOT, where["host"], where["dbname"], where["user"], sql)
    with ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as writer:
        writer.execute("insert into a values (2)")
        building(database)
        [(zombie,)] = ask(database, "select pid from pg_stat_activity where query = %s", sql)
        kill(client)
        rerun = pool.submit(up, owner, "2", sql)
        waits_for(database, f"select where not exists (select from pg_stat_activity where pid = {zombie})")
        waits_for(database, f"select from pg_stat_activity where query in ('{sql}', '{CLEAR}')")
        writer.rollback()
        rerun.result(60)
    assert indexes(owner) == end
    assert (attempts(owner), len(applied(owner))) == ([], 2)


def test_a_transaction_of_a_killed_client_ends_and_leaves_nothing(owner: Target, database: Target) -> None:
    where = owner.resolve()
    client = script(CLIENT, ROOT, where["host"], where["dbname"], where["user"], ALTER)
    waits_for(database, "select from pg_stat_activity where query like 'update a%' and state = 'active'")
    kill(client)
    up(owner, "2", "alter table a add n text")
    assert applied(owner) == [("1", True), ("2", True)]
    query = "select atttypid::regtype::text from pg_attribute where attrelid = 'a'::regclass and attname = 'n'"
    assert ask(database, query) == [("text",)]
