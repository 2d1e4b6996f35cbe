"""A transactional script, its ledger row and our record: together or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import Failed, NeedsHuman, Refused
from pipeline.postgres import locks
from pipeline.postgres.executor import Executor
from pipeline.postgres.target import Target
from tests.support.builders import migration
from tests.support.sites import LIMITS, applied, ask, bystander, site

A = [("public.a", "AccessExclusiveLock")]
OURS = "select migration, direction from pipeline.applied order by id"
TABLES = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"


def test_script_row_and_record_arrive_together(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("1", "create table a (id int); insert into a values (1), (2);")
    assert ask(database, "select count(*) from a") == [(2,)]
    assert applied(owner) == [("1", True)]
    query = "select migration, direction, run_id, length(sha256), script from pipeline.applied"
    assert ask(database, query) == [("1", "up", "run-1", 64, "V1__x.sql")]


def test_down_removes_table_and_row_and_writes_down_that_it_ran(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("1", "create table a (id int)")
        at.down("1", "drop table a")
    assert applied(owner) == []
    assert ask(database, OURS) == [("1", "up"), ("1", "down")]
    assert ask(database, TABLES) == [("flyway_schema_history",)]


def test_a_migration_without_a_down_script_has_no_way_back(owner: Target) -> None:
    with site(owner) as at, pytest.raises(Refused, match="1 has no way back"):
        Executor(at.work).down(migration("1", "select 1"), (), previous=None)


@pytest.mark.parametrize(
    "broken",
    [
        "insert into a values (1), (1)",
        "insert into a values (1) returning 1 / (id - id)",
        "create role mallory",
        "select * from pg_catalog.pg_authid",
        "drop table nowhere",
        "do $$ begin raise exception 'no'; end $$",
        "do $$ begin commit; end $$",
    ],
)
def test_a_failing_statement_leaves_nothing(owner: Target, database: Target, broken: str) -> None:
    with site(owner) as at:
        at.up("1", "create table a (id int primary key)")
        with pytest.raises(Failed, match="2 failed: ") as failure:
            at.up("2", f"create table b (id int);\n{broken}")
    assert failure.value.exit_code == 6
    assert str(failure.value.where).startswith("migrations/V2__x.sql:2:")
    assert applied(owner) == [("1", True)]
    assert ask(database, TABLES) == [("a",), ("flyway_schema_history",)]
    assert ask(database, OURS) == [("1", "up")]


DEFERRED = "create table a (id int unique deferrable initially deferred)"


def test_what_a_deferred_constraint_refuses_at_commit_leaves_nothing(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("1", DEFERRED)
        with pytest.raises(Failed, match=r"2 failed at COMMIT: duplicate key .*23505") as failure:
            at.up("2", "insert into a values (1), (1)")
        assert failure.value.where == "migrations/V2__x.sql"
        assert failure.value.why == "Key (id)=(1) already exists."
        assert ask(database, "select * from a") == []
        at.up("2", "insert into a values (1), (2)")
    assert applied(owner) == [("1", True), ("2", True)]


def test_a_script_that_fails_may_be_followed_by_another_on_the_same_session(owner: Target) -> None:
    with site(owner) as at:
        with pytest.raises(Failed):
            at.up("1", "select 1 / 0")
        at.up("2", "select 1")
    assert applied(owner) == [("2", True)]


def test_a_script_that_holds_a_strong_lock_too_long_is_rolled_back(owner: Target, database: Target) -> None:
    impatient = replace(LIMITS, hold=timedelta(milliseconds=50))
    script = (
        "create table b (id int);\nalter table a add n int;\nselect pg_sleep(0.2);\ncreate table c (id int)"
    )
    with site(owner, limits=impatient) as at:
        at.up("1", "create table a (id int)")
        with pytest.raises(Failed, match=r"2 held a strong lock longer than 0\.05 s") as failure:
            at.up("2", script, strong={1: A})
        assert failure.value.where == "migrations/V2__x.sql:3"
        assert ask(database, TABLES) == [("a",), ("flyway_schema_history",)]
        at.up("2", script)  # nobody waits: as long as it likes
    assert applied(owner) == [("1", True), ("2", True)]


def test_a_script_that_releases_our_lock_is_rolled_back(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("1", "create table a (id int)")
        with pytest.raises(Failed, match="2 released our lock"):
            at.up("2", "create table b (id int); select pg_catalog.pg_advisory_unlock_all()")
    assert applied(owner) == [("1", True)]
    assert ask(database, TABLES) == [("a",), ("flyway_schema_history",)]


@pytest.mark.parametrize(
    ("ending", "stays"),
    [("commit", True), ("rollback", False), ("commit and chain", True), ("commit; begin", True), ("end", True)],
)
def test_a_script_that_ends_its_transaction_is_never_taken_for_applied(
    owner: Target, database: Target, ending: str, stays: bool
) -> None:
    with site(owner) as at:
        with pytest.raises(NeedsHuman, match="1 ended the transaction it ran in") as failure:
            at.up("1", f"create table a (id int);\n{ending};\ncreate table b (id int)")
        assert str(failure.value.where).startswith("migrations/V1__x.sql")
        assert applied(owner) == []
    assert ask(database, "select to_regclass('public.a') is not null") == [(stays,)]
    assert ask(database, "select to_regclass('public.b') is null") == [(True,)]
    assert ask(database, "select * from pipeline.applied") == []


def test_a_script_that_rolls_back_and_goes_on_is_never_taken_for_applied(
    owner: Target, database: Target
) -> None:
    with site(owner) as at, pytest.raises(NeedsHuman, match="1 ended the transaction it ran in"):
        at.up("1", "create table a (id int);\nrollback and chain")
    assert applied(owner) == []
    assert ask(database, "select * from pipeline.applied") == []


def test_the_format_lock_is_held_to_the_end_of_the_transaction(owner: Target, database: Target) -> None:
    query = f"select pg_try_advisory_xact_lock({locks.OURS})"
    with site(owner) as at, bystander(database) as other:
        at.up("1", "create table a (id int)")
        free = f"select pg_try_advisory_xact_lock({at.work.key})".encode()
        assert other.execute(query.encode()).fetchone() == (False,)
        assert other.execute(free).fetchone() == (True,)


def test_a_ledger_that_the_role_may_not_write_rolls_the_script_back(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("1", "create table a (id int)")
        ask(database, "alter table flyway_schema_history owner to postgres")
        ask(database, f'grant select on flyway_schema_history to "{owner.resolve()["user"]}"')
        with pytest.raises(Failed, match="2 ran, but its row in the ledger cannot be written") as failure:
            at.up("2", "create table b (id int)")
    assert "permission denied" in str(failure.value.why)
    assert ask(database, "select to_regclass('public.b') is null") == [(True,)]


def test_a_statement_that_would_hold_others_up_for_too_long_is_cut_short(owner: Target) -> None:
    """The statement would never end by itself: that the test ends is what it shows."""
    with site(owner, limits=replace(LIMITS, hold=timedelta(seconds=0.3))) as at:
        at.up("1", "create table a (id int)")
        with pytest.raises(Failed, match=r"held a strong lock longer than 0\.3 s") as failure:
            at.up("2", "alter table a add n int;\nselect pg_catalog.pg_sleep(3600)", strong={0: A})
    assert failure.value.where == "migrations/V2__x.sql:2"
    assert applied(owner) == [("1", True)]


def test_data_in_a_script_arrives_with_the_rest_of_it(owner: Target, database: Target) -> None:
    data = "1\tone; two\n2\t\\N\n\\.\n"
    script = f"create table a (id int, name text);\ncopy a from stdin;\n{data}delete from a where id = 2"
    with site(owner) as at:
        at.up("1", script)
    assert ask(database, "select * from a") == [(1, "one; two")]
    assert applied(owner) == [("1", True)]


def test_a_bad_line_of_data_is_named_and_nothing_of_it_stays(owner: Target, database: Target) -> None:
    with site(owner) as at, pytest.raises(Failed, match="1 failed: invalid input syntax") as failure:
        at.up("1", "create table a (id int);\ncopy a from stdin;\n1\nx\n\\.\n")
    assert failure.value.where == "migrations/V1__x.sql:4:1"
    assert (applied(owner), ask(database, "select to_regclass('public.a') is null")) == ([], [(True,)])
