"""Scripts that cannot run in a transaction: done and written down, or failed without remains, or told apart."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import Failed, NeedsHuman, PipelineError
from pipeline.postgres.target import Target
from tests.support.sites import LIMITS, applied, ask, attempts, bystander, history, indexes, site, up

FORMATS = ("flyway", "golang-migrate", "prisma")
HASTY = replace(LIMITS, online=timedelta(milliseconds=300))
"""Build time that runs out while somebody else holds the table."""
ROWS = "insert into a select generate_series(1, 100)"
DUPLICATES = "insert into a values (1), (1)"
BUILD = "create index concurrently i on a (id)"
UNIQUE = "create unique index concurrently i on a (id)"
DROP = "drop index concurrently i"


def prepare(owner: Target, format_name: str, sql: str = ROWS) -> None:
    up(owner, "1", f"create table a (id int); {sql}", format_name)


@pytest.mark.parametrize("format_name", FORMATS)
def test_an_index_is_built_and_written_down(owner: Target, format_name: str) -> None:
    prepare(owner, format_name)
    up(owner, "2", BUILD, format_name)
    assert indexes(owner) == {"i": True}
    assert applied(owner, format_name)[-1][1]
    assert attempts(owner) == []
    up(owner, "3", DROP, format_name)
    assert indexes(owner) == {}


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_build_that_fails_leaves_neither_index_nor_attempt_nor_row(owner: Target, format_name: str) -> None:
    prepare(owner, format_name, DUPLICATES)
    before = history(owner, format_name)
    with pytest.raises(Failed, match="2 failed: could not create unique index") as failure:
        up(owner, "2", UNIQUE, format_name)
    assert failure.value.where == "migrations/V2__x.sql:1:1"
    assert "Key (id)=(1) is duplicated." in str(failure.value.why)
    assert (indexes(owner), attempts(owner)) == ({}, [])
    assert history(owner, format_name) == before


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_build_that_failed_succeeds_once_its_cause_is_gone(
    owner: Target, database: Target, format_name: str
) -> None:
    prepare(owner, format_name, DUPLICATES)
    with site(owner, format_name) as at:
        with pytest.raises(Failed):
            at.up("2", UNIQUE)
        ask(database, "truncate a")
        at.up("2", UNIQUE)
    assert indexes(owner) == {"i": True}
    assert [success for _, success in applied(owner, format_name)][-1]


def test_two_builds_of_which_the_second_fails_go_on_from_there(owner: Target, database: Target) -> None:
    script = f"create index concurrently j on a (id);\n{UNIQUE}"
    prepare(owner, "prisma", DUPLICATES)
    with pytest.raises(NeedsHuman, match="2 failed: could not create unique index") as failure:
        up(owner, "2", script, "prisma")
    assert str(failure.value.why).endswith("what the statements before it did stays")
    assert (indexes(owner), attempts(owner)) == ({"j": True}, ["2"])
    ask(database, "truncate a")
    up(owner, "2", script, "prisma")
    assert (indexes(owner), attempts(owner)) == ({"i": True, "j": True}, [])
    assert [success for _, success in applied(owner, "prisma")] == [True, True]


@pytest.mark.parametrize("build", [BUILD, "create index concurrently if not exists i on a (id)"])
def test_an_invalid_index_that_is_not_ours_is_left_alone(owner: Target, database: Target, build: str) -> None:
    prepare(owner, "flyway")
    up(owner, "2", BUILD)
    ask(database, "update pg_index set indisvalid = false where indexrelid = 'i'::regclass")
    with pytest.raises(Failed, match="an INVALID index i is there already") as failure:
        up(owner, "3", build)
    assert "drop index concurrently i" in str(failure.value.todo)
    assert (indexes(owner), attempts(owner)) == ({"i": False}, [])
    assert len(applied(owner)) == 2


def test_an_index_that_is_there_already_fails_and_stays(owner: Target) -> None:
    prepare(owner, "flyway")
    up(owner, "2", BUILD)
    with pytest.raises(Failed, match='relation "i" already exists'):
        up(owner, "3", BUILD)
    assert (indexes(owner), attempts(owner)) == ({"i": True}, [])


@pytest.mark.parametrize(("make", "sql"), [("select 1", BUILD), (f"{BUILD[:13]}{BUILD[26:]}", DROP)])
def test_time_that_runs_out_half_way_says_so_and_a_rerun_goes_on(
    owner: Target, database: Target, make: str, sql: str
) -> None:
    prepare(owner, "flyway", make)
    with bystander(database, autocommit=False) as writer:
        writer.execute("insert into a values (1)")
        with pytest.raises(NeedsHuman) as failure:
            up(owner, "2", sql, limits=HASTY)
        assert "run again" in str(failure.value.todo)
    assert (indexes(owner), attempts(owner), len(applied(owner))) == ({"i": False}, ["2"], 1)
    up(owner, "2", sql)
    assert (indexes(owner), attempts(owner)) == ({"i": True} if sql == BUILD else {}, [])
    assert len(applied(owner)) == 2


@pytest.mark.parametrize("sql", ["reindex index concurrently i", "reindex (concurrently) table a"])
def test_what_a_broken_reindex_leaves_is_swept_away_by_the_rerun(
    owner: Target, database: Target, sql: str
) -> None:
    prepare(owner, "flyway", BUILD.replace("concurrently ", ""))
    with bystander(database, autocommit=False) as writer:
        writer.execute("insert into a values (1)")
        with pytest.raises(NeedsHuman, match="2 left i_ccnew behind, INVALID, and it cannot be dropped"):
            up(owner, "2", sql, limits=HASTY)
    assert indexes(owner) == {"i": True, "i_ccnew": False}
    up(owner, "2", sql)
    assert (indexes(owner), attempts(owner)) == ({"i": True}, [])


def test_what_anothers_reindex_has_left_is_not_ours_to_sweep(owner: Target, database: Target) -> None:
    prepare(owner, "flyway", BUILD.replace("concurrently ", ""))
    ask(database, "create index i_ccnew on a (id)")
    ask(database, "update pg_index set indisvalid = false where indexrelid = 'i_ccnew'::regclass")
    up(owner, "2", "reindex index concurrently i")
    assert indexes(owner) == {"i": True, "i_ccnew": False}


@pytest.mark.parametrize("sql", ["vacuum a", "vacuum (full, analyze) a", "reindex (concurrently) table a"])
@pytest.mark.parametrize("format_name", FORMATS)
def test_what_may_simply_be_repeated_runs_and_is_written_down(
    owner: Target, format_name: str, sql: str
) -> None:
    prepare(owner, format_name, BUILD.replace("concurrently ", ""))
    up(owner, "2", sql, format_name)
    assert (indexes(owner), attempts(owner)) == ({"i": True}, [])
    assert applied(owner, format_name)[-1][1]


def test_a_vacuum_that_fails_leaves_the_ledger_as_it_was(owner: Target) -> None:
    prepare(owner, "golang-migrate")
    before = history(owner, "golang-migrate")
    with pytest.raises(Failed, match='relation "nowhere" does not exist'):
        up(owner, "2", "vacuum a; vacuum nowhere", "golang-migrate")
    assert (history(owner, "golang-migrate"), attempts(owner)) == (before, [])


def test_statements_of_both_kinds_in_one_script_are_our_own_error(owner: Target) -> None:
    with pytest.raises(PipelineError, match="a transactional statement at line 2"):
        up(owner, "1", "vacuum;\nselect 1")


def test_the_search_path_of_a_build_is_that_of_the_project(owner: Target, database: Target) -> None:
    ask(database, f'create schema s; alter role "{owner.resolve()["user"]}" set search_path = s')
    prepare(owner, "flyway")
    with site(owner) as at:
        at.up("2", BUILD)
        assert at.ask("show search_path") == [("",)]
        assert at.ask("show statement_timeout") == [("0",)]


def test_an_index_lives_in_the_schema_of_its_table(owner: Target) -> None:
    up(
        owner,
        "1",
        "create schema s; create table s.a (id int); create table a (id int); create index i on a (id)",
    )
    up(owner, "2", "create index concurrently i on s.a (id)")
    up(owner, "3", "drop index concurrently s.i")
    up(owner, "4", "drop index concurrently if exists i")
    assert indexes(owner) == {}
    assert len(applied(owner)) == 4
