"""A release that the executor applied reads as applied, under the real tool's lock, and back to nothing."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from psycopg import sql

from pipeline.formats.model import Disposition
from pipeline.postgres import locks
from pipeline.postgres.executor import Executor
from pipeline.postgres.target import Target
from pipeline.postgres.work import Unwatched
from pipeline.postgres.worksite import Worksite
from pipeline.sql.split import split
from pipeline.sql.statements import Statement
from tests.postgres.formats.places import UNUSUAL, USUAL, Kept, Place, at_work, kept
from tests.support.servers import TestServer, as_superuser

VECTORS = json.loads((Path(__file__).parents[2] / "unit" / "formats" / "vectors.json").read_text())
CLI = [vector for vector in VECTORS["golang_migrate_lock"] if vector["database_name"].startswith("/")]
HELD = """
select (classid::bigint << 32) | objid::bigint from pg_catalog.pg_locks
 where locktype = 'advisory' and pid = pg_catalog.pg_backend_pid()
"""
WORDS = {"flyway": "Success", "prisma": "Applied", "golang-migrate": "Applied"}


@dataclass
class LooksAtLocks(Unwatched):
    """Remembers the advisory locks that are held while a script runs."""

    site: Worksite
    seen: list[int] = field(default_factory=list[int])

    def ran(self, statement: Statement, *, started: float, rows: int) -> None:
        self.seen = keys(self.site)


def keys(site: Worksite) -> list[int]:
    """The advisory locks that the session holds, without our own."""
    held = {int(key) for (key,) in site.session.connection.execute(HELD)}
    return sorted(held - {locks.OURS})


def up(here: Kept, number: int | None = None) -> None:
    """Apply the place's release, or its first migrations."""
    with at_work(here) as site:
        for migration in here.place.release.migrations[:number]:
            Executor(site).up(migration, split(migration.up.sql))


@contextmanager
def named_database(server: TestServer, name: str) -> Generator[Target]:
    """A database of that very name."""
    database = sql.Identifier(name)
    with as_superuser(server) as connection:
        connection.execute(sql.SQL("create database {} template template0").format(database))
        try:
            yield server.target(name)
        finally:
            connection.execute(sql.SQL("drop database {} with (force)").format(database))


def held_during(here: Kept, script: str) -> list[int]:
    """The tool's locks while a migration with this script runs."""
    migration = here.place.release.migrations[0]
    with at_work(here) as site:
        watch = LooksAtLocks(site)
        Executor(site).up(migration, split(script), watch=watch)
        assert keys(site) == []
    return watch.seen


def test_a_release_that_was_just_applied_is_applied(here: Kept) -> None:
    assert {state.disposition for state in here.states()} == {Disposition.PENDING}
    up(here)
    states = here.states()
    assert [state.migration for state in states] == list(here.place.release.migrations)
    assert {(state.state, state.disposition) for state in states} == {
        (WORDS[here.place.format_name], Disposition.APPLIED)
    }
    assert not [state.finding for state in states if state.finding]


def test_what_is_read_is_what_was_written(here: Kept) -> None:
    up(here)
    migrations = here.place.release.migrations
    found = [(row.version, row.name, row.script, row.checksum, row.success) for row in here.history().rows]
    if here.place.format_name == "golang-migrate":
        assert found == [("20", "", "", None, True)]
    else:
        label = [one.script if here.place.format_name == "prisma" else one.name for one in migrations]
        expected = zip(migrations, label, strict=True)
        assert found == [(one.version, name, one.script, one.checksum, True) for one, name in expected]


def test_half_of_a_release_is_applied_and_the_other_half_pending(here: Kept) -> None:
    up(here, 1)
    first, *others = here.states()
    assert first.disposition is Disposition.APPLIED
    assert {state.disposition for state in others} == {Disposition.PENDING}


def test_down_again_the_ledger_is_as_if_nothing_had_been_applied(here: Kept) -> None:
    first, second, *_ = here.place.release.migrations
    up(here, 2)
    with at_work(here) as site:
        for migration, previous in ((second, first), (first, None)):
            assert migration.down is not None
            Executor(site).down(migration, split(migration.down.sql), previous=previous)
    assert here.rows() == []
    assert {state.disposition for state in here.states()} == {Disposition.PENDING}


@pytest.mark.parametrize("vector", VECTORS["flyway_lock"], ids=lambda vector: vector["ident"])
@pytest.mark.parametrize("script", ["select 1", "vacuum"])
def test_a_script_runs_under_the_lock_that_flyway_takes(
    owner: Target, vector: dict[str, str | int], script: str
) -> None:
    place = Place("flyway", str(vector["schema"]), {"table": str(vector["table"])})
    with kept(owner, place) as here:
        assert held_during(here, script) == [vector["lock"]]


@pytest.mark.parametrize("vector", CLI, ids=lambda vector: f"{vector['schema']}.{vector['table']}")
def test_a_script_runs_under_the_lock_that_golang_migrate_takes(
    server: TestServer, vector: dict[str, str | int]
) -> None:
    options: dict[str, object] = {"x-migrations-table": str(vector["table"])}
    place = Place("golang-migrate", str(vector["schema"]), options)
    with named_database(server, str(vector["database_name"])[1:]) as database, kept(database, place) as here:
        assert held_during(here, "select 1") == [vector["lock"]]


@pytest.mark.parametrize("place", [USUAL["prisma"], UNUSUAL["prisma"]], ids=lambda place: place.schema)
def test_a_script_runs_under_the_lock_that_prisma_takes(owner: Target, place: Place) -> None:
    with kept(owner, place) as here:
        assert held_during(here, "select 1") == [VECTORS["prisma_lock"]]


@pytest.mark.parametrize("name", ["prisma", "golang-migrate"])
def test_outside_a_transaction_the_row_is_the_fence_and_the_lock_is_free(owner: Target, name: str) -> None:
    with kept(owner, USUAL[name]) as here:
        assert held_during(here, "vacuum") == []
