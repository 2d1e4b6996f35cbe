"""The example shop keeps what it shows: every undo script restores schema and rows, as pg_dump sees them."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pipeline.postgres.target import Target
from tests.support.servers import TestServer
from tests.support.tree import ROOT

SHOP = ROOT / "migrations" / "flyway"
ROWS = ROOT / "examples" / "demo_rows.sql"
ROWS_VERSION = 5
LAST = max(int(file.name[1:].partition("__")[0]) for file in SHOP.glob("V*.sql"))
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
SEQUENCES = "SELECT sequencename, last_value::text FROM pg_sequences ORDER BY 1"

Connection = psycopg.Connection[tuple[str, ...]]


@pytest.fixture
def connection(owner: Target) -> Iterator[Connection]:
    with psycopg.connect(make_conninfo("", **owner.resolve()), autocommit=True) as connection:
        yield connection


def up(version: int) -> Path:
    (file,) = SHOP.glob(f"V{version}__*.sql")
    return file


def down(version: int) -> Path | None:
    return next(SHOP.glob(f"U{version}__*.sql"), None)


def run(connection: Connection, file: Path) -> None:
    connection.execute(file.read_bytes())


def schema(server: TestServer, target: Target) -> str:
    argv = [str(server.installation.program("pg_dump")), "--schema-only", "--restrict-key=fixed"]
    where = target.resolve()
    environ = {"PGHOST": where["host"], "PGUSER": where["user"], "PGDATABASE": where["dbname"]}
    ended = subprocess.run(argv, env={**os.environ, **environ}, capture_output=True, text=True, check=True)
    return ended.stdout


def rows(connection: Connection) -> dict[str, list[tuple[str, ...]]]:
    found = {"sequences": connection.execute(SEQUENCES).fetchall()}
    for (table,) in connection.execute(TABLES).fetchall():
        query = sql.SQL("SELECT to_jsonb(t)::text FROM {} t ORDER BY 1").format(sql.Identifier(table))
        found[table] = connection.execute(query).fetchall()
    return found


def migrate(connection: Connection) -> None:
    """All versioned migrations, with rows from the version that the rows are for."""
    for version in range(1, LAST + 1):
        run(connection, up(version))
        if version == ROWS_VERSION:
            run(connection, ROWS)


def test_every_undo_script_restores_schema_and_rows(
    connection: Connection, owner: Target, server: TestServer
) -> None:
    for version in range(1, LAST + 1):
        before = schema(server, owner), rows(connection)
        run(connection, up(version))
        if undo := down(version):
            run(connection, undo)
            assert (schema(server, owner), rows(connection)) == before, undo.name
            run(connection, up(version))
        if version == ROWS_VERSION:
            run(connection, ROWS)
            run(connection, SHOP / "R__order_totals.sql")


def test_the_repeatable_view_may_be_run_again_at_the_end(connection: Connection) -> None:
    migrate(connection)
    run(connection, SHOP / "R__order_totals.sql")
    run(connection, SHOP / "R__order_totals.sql")
    totals = connection.execute("SELECT count(*)::text, sum(lines)::text FROM order_totals").fetchone()
    assert totals == ("2000", "4000")


def test_a_status_that_changes_is_written_to_the_history(connection: Connection) -> None:
    migrate(connection)
    connection.execute("SET search_path = ''")
    connection.execute("UPDATE public.orders SET note = 'same', status = status WHERE reference = 'S-000007'")
    connection.execute("UPDATE public.orders SET status = 'paid' WHERE reference = 'S-000007'")
    history = connection.execute("SELECT old_status::text, new_status::text FROM public.order_history")
    assert history.fetchall() == [("new", "paid")]


def test_each_migration_can_be_undone_or_says_why_not() -> None:
    declared = re.compile(r'^-- pipeline: irreversible reason="\S[^"]+"$', re.MULTILINE)
    for version in range(1, LAST + 1):
        assert (down(version) is None) == (declared.search(up(version).read_text()) is not None), version
