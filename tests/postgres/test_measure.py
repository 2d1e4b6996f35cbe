"""The meter says what a statement did: locks, rewrites, rows and WAL; of tables that others can see."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.postgres.measure import Measured, Meter, Rewrite
from pipeline.postgres.target import Target
from tests.support.sites import bystander, site, up, waits_for


@pytest.fixture(autouse=True)
def tables(owner: Target) -> None:
    up(
        owner,
        "1",
        "create table a (id int primary key, n int, t varchar(10)); create table b (a_id int);"
        " insert into a select g, g, 'x' from generate_series(1, 100) as g; analyze a",
    )


def measure(owner: Target, sql: str) -> tuple[Measured, ...]:
    with site(owner) as at:
        return at.measure("2", sql)


def locks(measured: Measured) -> dict[str, str]:
    return {lock.relation: lock.mode for lock in measured.locks or ()}


def test_the_strongest_lock_on_each_table_is_told(owner: Target) -> None:
    [first, second] = measure(
        owner, "update a set n = 1; alter table b add constraint f foreign key (a_id) references a (id)"
    )
    assert locks(first) == {"public.a": "RowExclusiveLock"}
    assert locks(second) == {"public.a": "ShareRowExclusiveLock", "public.b": "ShareRowExclusiveLock"}
    assert (first.strong, second.strong) == (False, True)
    assert all(lock.held_ms >= 0 for lock in second.locks or ())


def test_a_lock_is_told_by_the_statement_that_took_it(owner: Target) -> None:
    [first, second, third] = measure(owner, "select from a;\nalter table a add x int;\nselect from a")
    assert [locks(each) for each in (first, second, third)] == [
        {"public.a": "AccessShareLock"},
        {"public.a": "AccessExclusiveLock"},
        {},
    ]
    assert [(each.line, each.kind) for each in (first, second)] == [(1, "SELECT"), (2, "ALTER TABLE")]


def test_nobody_waits_for_a_table_that_is_new(owner: Target) -> None:
    seen = measure(
        owner, "create table c (id int); alter table c add n int; create index on c (id); drop table c"
    )
    assert [locks(each) for each in seen] == [{}] * 4
    assert not any(each.strong or each.rewrites for each in seen)


@pytest.mark.parametrize(
    ("sql", "rewritten"),
    [
        ("alter table a alter n type bigint", True),
        ("alter table a add x uuid default gen_random_uuid()", True),
        ("alter table a alter t type varchar(20)", False),
        ("alter table a alter t type text", False),
        ("alter table a add x int default 7", False),
        ("truncate a", True),
    ],
)
def test_a_table_that_is_written_anew_is_seen(owner: Target, sql: str, rewritten: bool) -> None:
    [seen] = measure(owner, sql)
    assert seen.rewrites == ((Rewrite("public.a", 100),) if rewritten else ())
    assert locks(seen)["public.a"] == "AccessExclusiveLock"


def test_rows_and_wal_of_an_update_are_counted(owner: Target) -> None:
    [update, read] = measure(owner, "update a set n = n + 1 where id <= 30; select 1")
    assert (update.rows, read.rows) == (30, 1)
    assert update.wal_bytes > 30 * 30
    assert update.duration_ms > 0
    assert update.migration == "2"


def test_a_script_outside_a_transaction_has_no_locks_to_tell(owner: Target) -> None:
    [build] = measure(owner, "create index concurrently i on a (n)")
    assert build.locks is None
    assert not build.strong
    [vacuum] = measure(owner, "vacuum full a")
    assert vacuum.rewrites == (Rewrite("public.a", 100),)


def test_a_script_that_is_tried_again_is_measured_once(owner: Target, database: Target) -> None:
    sql = "select nextval('tries'); alter table a add x int"
    up(owner, "2", "create sequence tries")
    with site(owner) as at, ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as reader:
        meter = Meter(at.session, "3", ["public"])
        reader.execute("select from a")
        applying = pool.submit(at.up, "3", sql, watch=meter)
        waits_for(database, "select from tries where last_value >= 2")
        reader.rollback()
        applying.result(30)
    assert [each.kind for each in meter.measured] == ["SELECT", "ALTER TABLE"]
    assert locks(meter.measured[1]) == {"public.a": "AccessExclusiveLock"}


def test_a_meter_is_complete_only_when_the_script_is_committed(owner: Target) -> None:
    with site(owner) as at:
        meter = Meter(at.session, "2", ["public"])
        assert meter.measured == ()
        at.up("2", "select 1", watch=meter)
        assert len(meter.measured) == 1
