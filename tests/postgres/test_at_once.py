"""A script of a few definitions goes as one message: all that is seen to in three is seen to there, too."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import Busy, Failed, NeedsHuman, OutcomeUnknown, PipelineError, Refused, Unavailable
from pipeline.postgres import locks
from pipeline.postgres.at_once import draft
from pipeline.postgres.executor import Executor
from pipeline.postgres.fate import Fate, fate_of
from pipeline.postgres.target import Target
from pipeline.sql.batches import MOST
from pipeline.sql.command import Command
from pipeline.sql.split import split
from pipeline.sql.statements import Statement
from tests.support.builders import migration
from tests.support.proxy import Breaks, forged, proxied
from tests.support.sites import IMPATIENT, LIMITS, Site, applied, ask, bystander, site, up, waits_for

FORMAT_NAMES = ["flyway", "prisma", "golang-migrate"]
NOBODY_AT_WORK = (
    "select where not exists (select from pg_stat_activity where datname = current_database()"
    " and application_name = 'pipeline test')"
)


def messages(at: Site, version: str, sql: str) -> int:
    """How many messages it takes to apply a migration."""
    sent: list[None] = []
    with at.session.meanwhile(lambda: sent.append(None)):
        at.up(version, sql)
    return len(sent)


@contextmanager
def ready(target: Target, format_name: str = "flyway", **options: timedelta) -> Generator[Site]:
    """A worksite on which the next script of definitions goes at once."""
    with site(target, format_name, limits=replace(LIMITS, **options)) as at:
        at.up("1", "create table a (id int)")
        yield at


def unseen(at: Site, version: str, sql: str) -> None:
    """Apply what our own grammar takes for a single definition."""
    statement = Statement(sql, 0, 1, 1, "CREATE TABLE")
    Executor(at.work).up(migration(version, sql), [statement])


def is_there(target: Target, *tables: str) -> list[object]:
    return [found for table in tables for (found,) in ask(target, f"select to_regclass('{table}') is not null")]


# --- what goes at once


@pytest.mark.parametrize("format_name", FORMAT_NAMES)
def test_script_row_and_record_arrive_in_one_message(owner: Target, format_name: str) -> None:
    with ready(owner, format_name) as at:
        assert messages(at, "2", "create table b (id int); create index on b (id)") == 1
        assert messages(at, "3", "alter table b add n int") == 1
    assert len(applied(owner, format_name)) == (1 if format_name == "golang-migrate" else 3)
    assert ask(owner, "select migration, length(sha256) from pipeline.applied order by id") == [
        ("1", 64),
        ("2", 64),
        ("3", 64),
    ]
    assert is_there(owner, "b") == [True]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into a values (1)",
        "create table b (); insert into a values (1)",
        "select 1",
        "drop table a; do $$ begin end $$",
    ],
)
def test_what_is_no_definition_is_sent_as_before(owner: Target, sql: str) -> None:
    with ready(owner) as at:
        assert messages(at, "2", sql) > 1


def test_more_definitions_than_go_together_are_sent_as_before(owner: Target) -> None:
    tables = [f"create table b{number} ()" for number in range(MOST + 1)]
    with ready(owner) as at:
        assert messages(at, "2", "; ".join(tables)) > 1
        assert messages(at, "3", "; ".join(f"drop table b{number}" for number in range(MOST))) == 1


def test_the_first_script_of_a_session_is_not_sent_before_our_limits_were_read_back(owner: Target) -> None:
    with site(owner) as at:
        assert messages(at, "1", "create table a (id int)") > 1
        assert messages(at, "2", "create table b (id int)") == 1
        at.work.limits = replace(LIMITS, first_wait=timedelta(milliseconds=70))
        assert messages(at, "3", "create table c (id int)") > 1


def test_behind_which_others_wait_or_at_which_somebody_looks_it_does_not_go_at_once(owner: Target) -> None:
    script = "alter table a add n int"
    with ready(owner) as at:
        made = Executor(at.work).ready(migration("2", script), split(script)).work
        assert draft(at.work, made) is not None
        assert draft(at.work, replace(made, strong={0: [("public.a", "AccessExclusiveLock")]})) is None
        (measured,) = at.measure("2", script)
    assert measured.migration == "2"


def test_who_looks_at_the_server_sees_which_migration_it_is_and_how_long_it_took(owner: Target) -> None:
    with ready(owner) as at, ThreadPoolExecutor(1) as pool:
        running = pool.submit(at.up, "2", "create table b as select 1 from pg_sleep(1.2)")
        waits_for(owner, "select from pg_stat_activity where query like '/* V2__x.sql */; %'")
        running.result()
        at.up("3", "create table c ()")
    ((took,), (no_time,)) = ask(
        owner, "select execution_time from flyway_schema_history where version > '1' order by installed_rank"
    )
    assert 1200 <= int(str(took)) < 20_000
    assert int(str(no_time)) < 1200


def test_a_name_that_no_comment_could_hold_does_no_harm(owner: Target) -> None:
    made = migration("2", "create table b ()")
    name = made.up.file._replace(path="V2__*/ drop table public.a; /* é.sql")
    strange = made._replace(up=made.up._replace(file=name))
    with ready(owner) as at:
        Executor(at.work).up(strange, split("create table b ()"))
    assert is_there(owner, "a", "b") == [True, True]


# --- what fails


@pytest.mark.parametrize("format_name", FORMAT_NAMES)
@pytest.mark.parametrize(
    ("bad", "column"),
    [
        ("create table b (id int)", 1),
        ("alter table a add x nowhere", 21),
        ("comment on table nowhere is 'no'", 1),
        ("create index on b (nothing)", 1),
    ],
)
def test_an_error_has_its_place_and_nothing_stays(
    owner: Target, format_name: str, bad: str, column: int
) -> None:
    script = f"create table b (id int); -- ü\n{bad};\ncreate table c (id int)"
    with ready(owner, format_name) as at:
        before = applied(owner, format_name)
        with pytest.raises(Failed, match="2 failed: ") as failure:
            at.up("2", script)
        assert applied(owner, format_name) == before
        assert is_there(owner, "b", "c") == [False, False]
        assert messages(at, "2", "create table b ()") == 1
    assert str(failure.value.where).endswith(f":2:{column}")
    assert bad in str(failure.value.why)


@pytest.mark.parametrize("bad", ["create tabel b ()", "create table b (", "create table b (n int default 'x)"])
def test_what_only_the_server_cannot_read_has_its_place_too(owner: Target, bad: str) -> None:
    with ready(owner) as at:
        with pytest.raises(Failed, match=r"2 failed: (syntax error|unterminated)") as failure:
            unseen(at, "2", bad)
        at.up("2", "create table b ()")
    assert str(failure.value.where).startswith("migrations/V2__x.sql:1:")


@pytest.mark.parametrize(
    ("ending", "stays"),
    [
        ("commit", True),
        ("rollback", False),
        ("commit and chain", True),
        ("commit; begin", True),
        ("commit" + "; begin; commit" * 20, True),
    ],
)
def test_a_script_that_ends_its_transaction_unseen_is_never_taken_for_applied(
    owner: Target, ending: str, stays: bool
) -> None:
    with ready(owner) as at, pytest.raises(NeedsHuman, match="2 ended the transaction it ran in"):
        unseen(at, "2", f"create table public.half (); {ending}; create table public.rest ()")
    assert applied(owner) == [("1", True)]
    assert ask(owner, "select migration from pipeline.applied") == [("1",)]
    assert is_there(owner, "half", "rest") == [stays, False]


def test_a_script_that_meddles_with_what_the_server_remembers_for_us_is_applied_all_the_same(
    owner: Target,
) -> None:
    with ready(owner) as at:
        at.up("2", "create table b as select set_config('pipeline.transaction', '0', false)")
    assert applied(owner) == [("1", True), ("2", True)]
    assert is_there(owner, "b") == [True]


def test_a_script_that_releases_our_lock_is_rolled_back(owner: Target) -> None:
    with ready(owner) as at, pytest.raises(Failed, match="2 released our lock"):
        at.up("2", "create table b as select 1 from pg_advisory_unlock_all()")
    assert applied(owner) == [("1", True)]
    assert is_there(owner, "b") == [False]


def test_a_ledger_that_cannot_be_written_rolls_the_script_back(owner: Target, database: Target) -> None:
    user = owner.resolve()["user"]
    with ready(owner) as at:
        ask(database, "alter table flyway_schema_history owner to postgres")
        ask(database, f'grant select on flyway_schema_history to "{user}"')
        with pytest.raises(Failed, match="2 ran, but its row in the ledger cannot be written"):
            at.up("2", "create table b ()")
        ask(database, f'alter table flyway_schema_history owner to "{user}"')
    assert is_there(owner, "b") == [False]


# --- what must be so before it begins


def test_the_format_lock_of_somebody_else_is_waited_for_and_he_is_named(
    owner: Target, database: Target
) -> None:
    with ready(owner) as at, bystander(database) as other, ThreadPoolExecutor(1) as pool:
        other.execute(f"select pg_advisory_lock({at.work.key})".encode())
        running = pool.submit(at.up, "2", "create table b ()")
        waits_for(owner, f"{NOBODY_AT_WORK.replace('not exists', 'exists')}")
        assert is_there(owner, "b") == [False]
        other.execute(f"select pg_advisory_unlock({at.work.key})".encode())
        running.result()
        other.execute(f"select pg_advisory_lock({at.work.key})".encode())
        at.work.limits = IMPATIENT
        with pytest.raises(Busy, match="the flyway lock is held by somebody else"):
            at.up("3", "create table c ()")
    assert is_there(owner, "b", "c") == [True, False]


def test_a_run_that_lost_our_lock_to_another_does_not_go_on(owner: Target, database: Target) -> None:
    with ready(owner) as at, bystander(database) as rival:
        at.ask(f"select pg_advisory_unlock({locks.OURS})")
        rival.execute(f"select pg_advisory_lock({locks.OURS})".encode())
        with pytest.raises(Busy, match="our own lock is held by somebody else"):
            at.up("2", "create table b ()")
    assert is_there(owner, "b") == [False]


@pytest.mark.parametrize("format_name", FORMAT_NAMES)
@pytest.mark.parametrize(
    "change", ["delete from {0}", "drop table {0}", "delete from {0}; insert into {0} table gone"]
)
def test_a_ledger_to_which_somebody_else_wrote_is_refused(owner: Target, format_name: str, change: str) -> None:
    with ready(owner, format_name) as at:
        table = ".".join(at.work.ledger.table)
        ask(owner, f"create table gone as select * from {table}")
        ask(owner, change.format(table))
        with pytest.raises(Refused, match="the ledger changed while we were at work"):
            at.up("2", "create table b ()")
    assert is_there(owner, "b") == [False]


@pytest.mark.parametrize(
    ("limit", "other"),
    [("'lock_timeout', $4", "'lock_timeout', $5"), ("'statement_timeout', $5", "'statement_timeout', $4")],
)
def test_it_does_not_begin_with_limits_that_are_not_ours(owner: Target, limit: str, other: str) -> None:
    with forged(owner, limit, other) as line, ready(line) as at:
        assert messages(at, "2", "create table b ()") > 1


def test_a_reader_in_the_way_is_named(owner: Target, database: Target) -> None:
    with (
        ready(owner, advisory_lock=timedelta(seconds=1)) as at,
        bystander(database, autocommit=False) as reader,
    ):
        reader.execute("select * from a")
        with pytest.raises(Busy, match="a table stayed locked") as busy:
            at.up("2", "alter table a add n int")
        assert at.work.kept != at.work.limits.of_a_script(LIMITS.first_wait)
    assert "bystander" in str(busy.value.why)
    assert applied(owner) == [("1", True)]


# --- what the server keeps prepared for us


def prepared(at: Site) -> int:
    ((count,),) = at.ask("select count(*) from pg_catalog.pg_prepared_statements")
    return int(str(count))


@pytest.mark.parametrize("format_name", FORMAT_NAMES)
def test_what_comes_with_every_script_is_prepared_once(owner: Target, format_name: str) -> None:
    with ready(owner, format_name) as at:
        assert prepared(at) == 0
        at.up("2", "create table b ()")
        known = at.ask("select name, prepare_time from pg_catalog.pg_prepared_statements order by name")
        at.up("3", "create table c ()")
        assert at.ask("select name, prepare_time from pg_catalog.pg_prepared_statements order by name") == known
    assert len(known) > 5


@pytest.mark.parametrize("way", ["deallocate all", "discard plans; deallocate pipeline_3"])
def test_a_statement_that_the_server_has_lost_is_prepared_again(owner: Target, way: str) -> None:
    with ready(owner) as at:
        at.up("2", "create table b ()")
        at.session.connection.execute(way.encode())
        at.up("3", "create table c ()")
        assert messages(at, "4", "create table d ()") == 1
    assert [version for version, _ in applied(owner)] == ["1", "2", "3", "4"]
    assert is_there(owner, "b", "c", "d") == [True, True, True]


def test_a_name_that_somebody_else_has_taken_is_no_hindrance(owner: Target) -> None:
    with ready(owner) as at:
        at.up("2", "prepare pipeline_1 as select 'mine'; prepare pipeline_2 as select 'mine'")
        assert messages(at, "3", "create table b ()") == 1
        assert messages(at, "4", "select 1") > 1
        assert messages(at, "5", "create table c ()") == 1
    assert [version for version, _ in applied(owner)] == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "change",
    [
        "alter table flyway_schema_history add column note text",
        "alter table flyway_schema_history alter column checksum type bigint",
        "alter table flyway_schema_history alter column installed_rank type bigint",
        "alter table flyway_schema_history set schema public",
    ],
)
def test_a_script_may_change_the_ledger_under_them(owner: Target, change: str) -> None:
    with ready(owner) as at:
        at.up("2", "create table b ()")
        at.up("3", change)
        at.up("4", "create table c ()")
    assert applied(owner) == [("1", True), ("2", True), ("3", True), ("4", True)]


# --- what becomes of it where the line is lost


def lose(owner: Target, breaks: Breaks, *, heals: bool = True) -> PipelineError:
    """Apply version 2 at once, over a line that breaks at its message."""
    up(owner, "1", "create table a (id int)")
    with proxied(owner, "create table b", breaks, heals=heals) as (line, proxy):
        with site(line, patience=timedelta(seconds=2)) as at:
            at.work.kept = at.work.limits.of_a_script(LIMITS.first_wait)
            with pytest.raises(PipelineError) as error:
                at.up("2", "create table b ()")
        assert proxy.broken.wait(10)
        waits_for(owner, NOBODY_AT_WORK)
    return error.value


def test_lost_before_the_server_heard_it_it_is_not_applied(owner: Target) -> None:
    error = lose(owner, Breaks.BEFORE)
    assert type(error) is Failed
    assert error.what.endswith("which is not applied: the server says that it was rolled back")
    assert is_there(owner, "b") == [False]


@pytest.mark.parametrize("breaks", [Breaks.AFTER, Breaks.SILENT])
def test_lost_after_the_server_heard_it_it_is_applied(owner: Target, breaks: Breaks) -> None:
    error = lose(owner, breaks)
    assert type(error) is Unavailable
    assert error.what.endswith("which is applied: the server says that it was committed")
    assert applied(owner) == [("1", True), ("2", True)]


@pytest.mark.parametrize("breaks", [Breaks.BEFORE, Breaks.AFTER])
def test_lost_with_nobody_to_ask_it_is_unknown(owner: Target, breaks: Breaks) -> None:
    assert type(lose(owner, breaks, heals=False)) is OutcomeUnknown


def test_a_server_process_that_is_still_at_work_has_not_decided(owner: Target) -> None:
    record = Command("select false")
    with site(owner, patience=timedelta(seconds=1)) as at:
        at.up("1", "create table a ()")
        alive = at.session.connection.info.backend_pid
        assert fate_of(at.session, alive, record) is Fate.UNKNOWN
        assert fate_of(at.session, 0, record) is Fate.ROLLED_BACK
        assert fate_of(at.session, 0, Command("select true")) is Fate.COMMITTED


def test_interrupted_while_it_runs_it_is_rolled_back_and_the_session_can_be_used(owner: Target) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with ready(owner) as at:
        with pytest.raises(KeyboardInterrupt), at.session.meanwhile(stop):
            at.up("2", "create table b as select 1 from pg_sleep(3600)")
        at.up("2", "create table b ()")
    assert applied(owner) == [("1", True), ("2", True)]
