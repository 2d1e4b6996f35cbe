"""A run died while a script ran outside a transaction: the rerun reads from the catalog how far it came."""

import pytest

from pipeline.errors import NeedsHuman
from pipeline.postgres.target import Target
from pipeline.postgres.work import Unwatched
from pipeline.sql.statements import Statement
from tests.support.sites import applied, ask, attempts, indexes, site, up

FORMATS = ("flyway", "golang-migrate", "prisma")
BUILD = "create index concurrently i on a (id)"
DROP = "drop index concurrently i"
MAKE = "create index i on a (id)"
UNMAKE = "drop index if exists i"
SPOIL = "update pg_index set indisvalid = false where indexrelid = 'i'::regclass"


class Died(BaseException):
    """The run is gone; nobody can catch it."""


class DiesBefore(Unwatched):
    def begun(self) -> None:
        raise Died


class DiesAfter(Unwatched):
    def ran(self, statement: Statement, *, started: float, rows: int) -> None:
        raise Died


def die(owner: Target, sql: str, watch: Unwatched, format_name: str = "flyway") -> None:
    with site(owner, format_name) as at, pytest.raises(Died):
        at.up("2", sql, watch=watch)
    assert attempts(owner) == ["2"]


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("found", ["absent", "invalid", "valid"])
@pytest.mark.parametrize("sql", [BUILD, DROP], ids=["build", "drop"])
def test_a_rerun_converges_from_whatever_it_finds(
    owner: Target, database: Target, sql: str, found: str, format_name: str
) -> None:
    up(owner, "1", "create table a (id int)", format_name)
    die(owner, sql, DiesBefore(), format_name)
    ask(database, UNMAKE if found == "absent" else MAKE)
    if found == "invalid":
        ask(database, SPOIL)
    up(owner, "2", sql, format_name)
    assert indexes(owner) == ({"i": True} if sql == BUILD else {})
    assert attempts(owner) == []
    assert all(success for _, success in applied(owner, format_name))
    assert ask(database, "select migration from pipeline.applied order by id") == [("1",), ("2",)]


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("sql", [BUILD, "vacuum a"], ids=["build", "vacuum"])
def test_a_run_that_died_before_the_ledgers_row_gets_it_once(owner: Target, sql: str, format_name: str) -> None:
    up(owner, "1", "create table a (id int)", format_name)
    die(owner, sql, DiesAfter(), format_name)
    rows = len(applied(owner, format_name))
    up(owner, "2", sql, format_name)
    expected = {"flyway": rows + 1, "golang-migrate": 1, "prisma": rows}
    assert len(applied(owner, format_name)) == expected[format_name]
    assert all(success for _, success in applied(owner, format_name))


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_resumed_build_that_fails_gives_back_the_ledger_of_its_beginning(
    owner: Target, database: Target, format_name: str
) -> None:
    up(owner, "1", "create table a (id int); insert into a values (1), (1)", format_name)
    unique = "create unique index concurrently i on a (id)"
    before = applied(owner, format_name)
    die(owner, unique, DiesBefore(), format_name)
    with pytest.raises(Exception, match="could not create unique index"):
        up(owner, "2", unique, format_name)
    assert (applied(owner, format_name), attempts(owner), indexes(owner)) == (before, [], {})
    ask(database, "truncate a")
    up(owner, "2", unique, format_name)
    assert indexes(owner) == {"i": True}


def test_a_statement_that_leaves_no_trace_is_not_repeated_blindly(database: Target) -> None:
    up(database, "1", "select 1")
    sql = "alter system set work_mem = '4MB'"
    die(database, sql, DiesBefore())
    with pytest.raises(NeedsHuman, match="nothing tells whether ALTER SYSTEM has done its work"):
        up(database, "2", sql)
    assert attempts(database) == ["2"]


def test_a_ledger_that_moved_during_the_build_is_not_written_over(owner: Target, database: Target) -> None:
    class Interferes(Unwatched):
        def ran(self, statement: Statement, *, started: float, rows: int) -> None:
            ask(database, "update schema_migrations set version = 7")

    up(owner, "1", "create table a (id int)", "golang-migrate")
    said = "2 has run, but the ledger does not say so: the ledger changed"
    with site(owner, "golang-migrate") as at, pytest.raises(NeedsHuman, match=said):
        at.up("2", BUILD, watch=Interferes())
    assert applied(owner, "golang-migrate") == [("7", False)]
    assert (indexes(owner), attempts(owner)) == ({"i": True}, ["2"])


def test_a_ledger_that_moved_is_not_put_back_after_a_failure(owner: Target, database: Target) -> None:
    class Interferes(Unwatched):
        def begun(self) -> None:
            ask(database, "update schema_migrations set version = 7")

    up(owner, "1", "create table a (id int); insert into a values (1), (1)", "golang-migrate")
    said = "2 failed: could not create unique index"
    with site(owner, "golang-migrate") as at, pytest.raises(NeedsHuman, match=said) as failure:
        at.up("2", "create unique index concurrently i on a (id)", watch=Interferes())
    assert "the ledger still says that it has begun" in str(failure.value.why)
    assert (applied(owner, "golang-migrate"), indexes(owner)) == ([("7", False)], {})
