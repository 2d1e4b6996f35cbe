"""Whoever waits for a table makes others wait: short tries, pauses between them, and names when giving up."""

import re
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest

from pipeline.errors import Busy, Failed
from pipeline.postgres.target import Target
from tests.support.sites import IMPATIENT, LIMITS, applied, ask, bystander, site, up, waits_for
from tests.support.torture import at_depth

A = [("public.a", "AccessExclusiveLock")]
ALTER = "alter table a add n int"
COLUMNS = "select count(*) from pg_attribute where attrelid = 'public.a'::regclass and attnum > 0"
NOTE_THE_TRY = (
    "select nextval('tries');"
    " select setval('wait_' || currval('tries'), replace(current_setting('lock_timeout'), 'ms', '')::int);"
)


@pytest.fixture(autouse=True)
def table(owner: Target) -> None:
    up(owner, "1", "create table a (id int); insert into a select generate_series(1, 10)")


@pytest.mark.acceptance("AT-06")
def test_a_reader_that_stays_is_named_and_nothing_is_changed(owner: Target, database: Target) -> None:
    with bystander(database, "long report", autocommit=False) as reader:
        reader.execute("select * from a")
        with pytest.raises(Busy, match=r"a table stayed locked in \d+ tries") as busy:
            up(owner, "2", f"create table b (id int); {ALTER}", limits=IMPATIENT)
        assert str(busy.value.why).startswith(f"pid {reader.info.backend_pid}, postgres (long report)")
        assert "others waited" not in str(busy.value.todo)
    assert applied(owner) == [("1", True)]
    assert ask(database, COLUMNS) == [(1,)]
    assert ask(database, "select to_regclass('public.b') is null") == [(True,)]


def test_how_long_others_may_have_waited_is_said(owner: Target, database: Target) -> None:
    with site(owner, limits=IMPATIENT) as at:
        assert at.up("2", "select 1") == timedelta()
        held = at.up("3", "alter table a add m int; select pg_sleep(0.05)", strong={0: A})
        assert timedelta(milliseconds=50) <= held < IMPATIENT.hold
        with bystander(database, autocommit=False) as reader:
            reader.execute("select * from a")
            with pytest.raises(Busy) as busy:
                at.up("4", ALTER, strong={0: A})
    assert re.match(r"others waited at most [1-9]\d* ms behind us; ", str(busy.value.todo))


def test_the_time_in_queues_is_counted_over_the_whole_transaction(owner: Target, database: Target) -> None:
    up(owner, "2", "create table b (id int); create table seen (wait text)")
    script = f"{ALTER}; insert into seen select current_setting('lock_timeout'); alter table b add n int"
    patient = replace(LIMITS, first_wait=timedelta(seconds=10), last_wait=timedelta(seconds=10))
    with ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as reader:
        reader.execute("select * from a")
        with site(owner, limits=patient) as at:
            applying = pool.submit(at.up, "3", script, strong={0: A, 2: [("public.b", A[0][1])]})
            waits_for(database, "select from pg_stat_activity where wait_event_type = 'Lock'")
            reader.rollback()
            applying.result(30)
    [(left,)] = ask(database, "select wait from seen")
    assert re.fullmatch(r"9\d\d\dms", str(left))


def test_a_table_that_we_may_reference_and_not_lock_is_left_to_the_statement(
    owner: Target, database: Target
) -> None:
    user = owner.resolve()["user"]
    ask(database, f"create table theirs (id int primary key); grant references on theirs to {user}")
    key = "alter table a add foreign key (id) references theirs not valid"
    strong = {0: [("public.a", "ShareRowExclusiveLock"), ("public.theirs", "ShareRowExclusiveLock")]}
    with site(owner) as at:
        at.up("2", key, strong=strong)
    assert applied(owner) == [("1", True), ("2", True)]


def test_a_blocker_of_our_own_role_is_named_with_age_and_query(owner: Target) -> None:
    with bystander(owner, autocommit=False) as reader:
        reader.execute("select\n  'why' from a")
        with pytest.raises(Busy) as busy:
            up(owner, "2", ALTER, limits=IMPATIENT)
    assert "idle in transaction for 00:00:0" in str(busy.value.why)
    assert str(busy.value.why).endswith(": select 'why' from a")


def test_a_reader_that_leaves_lets_us_through_with_growing_patience(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("2", "create sequence tries; " + "".join(f"create sequence wait_{n};" for n in range(1, 30)))
    with ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as reader:
        reader.execute("select * from a")
        applying = pool.submit(up, owner, "3", NOTE_THE_TRY + ALTER)
        waits_for(database, "select from tries where last_value >= 4")
        reader.rollback()
        applying.result(30)
    waits = [ask(database, f"select last_value from wait_{n}")[0][0] for n in range(1, 5)]
    assert waits == [50, 62, 75, 88]
    assert [version for version, _ in applied(owner)] == ["1", "2", "3"]


MEASURED_READ = """
create table quiet (id int);
create function measured_read(what regclass) returns float language plpgsql as $$
declare begun timestamptz := clock_timestamp();
begin
  execute 'select count(*) from ' || what;
  return extract(epoch from clock_timestamp() - begun);
end $$
"""
"""The server measures how long a read takes, so that the client's own pauses do not count."""
LONG = timedelta(seconds=at_depth(2, 10))
READERS = at_depth(5, 20)


def read_until(target: Target, table: str, stop: Event) -> float:
    """The longest that one of many short reads took, in seconds."""
    worst = 0.0
    with bystander(target, "short reads") as reader:
        while not stop.wait(0.005):
            worst = max([worst, *(took for (took,) in reader.execute("select measured_read(%s)", [table]))])
    return worst


def worst_reads_during(target: Target, alter: Callable[[], object]) -> tuple[float, float]:
    """While somebody reads for long, somebody alters, and many others want to read, in seconds.

    The second is of a table that nobody waits for: what the machine itself adds.
    """
    stop = Event()
    with ThreadPoolExecutor(READERS + 2) as pool, bystander(target, autocommit=False) as report:
        report.execute("select * from a")
        reading = [pool.submit(read_until, target, "a", stop) for _ in range(READERS)]
        noise = pool.submit(read_until, target, "quiet", stop)
        altering = pool.submit(alter)
        time.sleep(LONG.total_seconds())
        report.rollback()
        try:
            altering.result(60)
        finally:
            stop.set()
        return max(one.result(60) for one in reading), noise.result(60)


@pytest.mark.acceptance("AT-06")
def test_others_wait_less_behind_us_than_behind_a_plain_alter(owner: Target, database: Target) -> None:
    ask(database, MEASURED_READ)
    control, _ = worst_reads_during(database, lambda: ask(owner, "alter table a add m int"))
    ours, _ = worst_reads_during(database, lambda: up(owner, "2", ALTER, limits=LIMITS))
    assert ours < control / 2, (ours, control)
    assert ask(database, COLUMNS) == [(3,)]


@pytest.mark.acceptance("AT-06")
@pytest.mark.torture
@pytest.mark.parametrize("_round", range(10))
def test_nobody_waits_behind_us_longer_than_we_wait(owner: Target, database: Target, _round: int) -> None:
    """By the number, which is for the torture: a busy machine may miss it."""
    ask(database, MEASURED_READ)
    ours, noise = worst_reads_during(database, lambda: up(owner, "2", ALTER, limits=LIMITS))
    assert ours <= 1.2 * LIMITS.last_wait.total_seconds() + noise
    assert ask(database, COLUMNS) == [(2,)]


@pytest.mark.acceptance("AT-06")
@pytest.mark.skipif(timedelta(seconds=3) > LONG, reason="only the torture reads for so long")
def test_without_a_bound_others_wait_for_seconds(owner: Target, database: Target) -> None:
    """So that the rounds above mean something."""
    ask(database, MEASURED_READ)
    control, _ = worst_reads_during(database, lambda: ask(owner, "alter table a add m int"))
    assert control > 3


def test_a_prepared_transaction_in_the_way_is_named(owner: Target, database: Target) -> None:
    ask(database, "begin; select * from a; prepare transaction 'forgotten'")
    try:
        with pytest.raises(Busy) as busy:
            up(owner, "2", ALTER, limits=IMPATIENT)
    finally:
        ask(database, "rollback prepared 'forgotten'")
    assert str(busy.value.why).startswith("prepared transaction 'forgotten' of postgres since 00:00:")


def test_a_ledger_that_stays_locked_is_busy_and_not_waited_for(owner: Target, database: Target) -> None:
    with bystander(database, "vacuum full", autocommit=False) as other:
        other.execute("lock table flyway_schema_history in access exclusive mode")
        with pytest.raises(Busy, match=r"something that we only read in .* stayed locked") as busy:
            up(owner, "2", ALTER)
        assert str(busy.value.why).startswith(f"pid {other.info.backend_pid}, postgres (vacuum full)")


def test_a_migration_that_changed_rows_is_not_tried_again(owner: Target, database: Target) -> None:
    with bystander(database, autocommit=False) as reader:
        reader.execute("select * from a")
        with pytest.raises(Busy, match="a table stayed locked, and 2 had changed rows by then") as busy:
            up(owner, "2", f"create table b as select 1 as n; insert into b values (2); {ALTER}")
        assert f"pid {reader.info.backend_pid}" in str(busy.value.why)
    assert applied(owner) == [("1", True)]
    assert ask(database, "select to_regclass('public.b') is null") == [(True,)]


SLOW = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
VACUUMING = """
select from pg_locks as l join pg_stat_activity as a using (pid)
 where a.backend_type = 'autovacuum worker' and l.relation = 'public.busy'::regclass and l.granted
"""
ROWS = "select n, repeat('x', 500) as x from generate_series(1, 20000) as n"
GROW_OLD = "do $$ begin for n in 1..101000 loop perform pg_current_xact_id(); commit; end loop; end $$"
"""A table may ask for a vacuum against wraparound once it is 100,000 transactions old."""


@pytest.fixture
def busy_table(owner: Target, database: Target) -> Generator[None]:
    """A table that asks for no autovacuum yet, on a server whose autovacuum looks every second."""
    ask(database, "alter system set autovacuum_naptime = 1")
    ask(database, "select pg_reload_conf()")
    ask(owner, f"create table busy with (autovacuum_enabled = false) as {ROWS}")
    try:
        yield
    finally:
        ask(database, "alter system reset autovacuum_naptime")
        ask(database, "select pg_reload_conf()")


@pytest.mark.usefixtures("busy_table")
def test_autovacuum_alone_in_the_way_is_waited_for_until_it_yields(owner: Target, database: Target) -> None:
    ask(owner, f"alter table busy set (autovacuum_enabled = true, autovacuum_vacuum_threshold = 1, {SLOW})")
    ask(owner, "delete from busy where n % 2 = 0")
    waits_for(database, VACUUMING, 60)
    up(owner, "2", "alter table busy add m int", limits=IMPATIENT)
    assert [version for version, _ in applied(owner)] == ["1", "2"]


@pytest.mark.usefixtures("busy_table")
def test_an_autovacuum_that_must_not_yield_is_named_at_once(owner: Target, database: Target) -> None:
    ask(database, GROW_OLD)
    ask(owner, f"alter table busy set (autovacuum_freeze_max_age = 100000, {SLOW})")
    waits_for(database, f"{VACUUMING} and a.query like '%to prevent wraparound%'", 60)
    ask(database, f'grant pg_read_all_stats to "{owner.resolve()["user"]}"')
    with pytest.raises(Busy, match="locked by an autovacuum that must not be disturbed") as busy:
        up(owner, "2", "alter table busy add m int")
    assert "to prevent wraparound" in str(busy.value.why)


SLOWLY = "create function slow(int) returns bool language sql as 'select pg_sleep(0.2) is not null'"
VALIDATE = "alter table a validate constraint slow_check"
BRIEF = replace(IMPATIENT, statement=timedelta(milliseconds=100))


@pytest.fixture
def unchecked(owner: Target) -> None:
    """A table with a constraint that takes its time, not validated."""
    check = "alter table a add constraint slow_check check (slow(id)) not valid"
    up(owner, "2", f"{SLOWLY}; delete from a where id > 2; {check}")


@pytest.mark.usefixtures("unchecked")
def test_a_validation_may_take_as_long_as_a_build(owner: Target) -> None:
    with pytest.raises(Failed, match="statement timeout"):
        up(owner, "3", f"{VALIDATE}; select 1", limits=BRIEF)
    up(owner, "3", VALIDATE, limits=BRIEF)
    assert [version for version, _ in applied(owner)] == ["1", "2", "3"]


@pytest.mark.usefixtures("unchecked")
def test_a_validation_makes_nobody_wait_and_so_may_wait_itself(owner: Target, database: Target) -> None:
    waiting = (
        f"select from pg_stat_activity where query = '{VALIDATE}' and wait_event_type = 'Lock'"
        " and clock_timestamp() - query_start > '300 ms'"
    )
    with ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as other:
        other.execute("lock table a in share update exclusive mode")
        applying = pool.submit(up, owner, "3", VALIDATE)
        waits_for(database, waiting)
        ask(database, "update a set id = id")
        other.rollback()
        applying.result(30)
    assert [version for version, _ in applied(owner)] == ["1", "2", "3"]
