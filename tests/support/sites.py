"""A database at work: an Executor on a session that holds our lock, and other sessions that get in its way."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import psycopg
from psycopg.conninfo import make_conninfo

from pipeline.formats import FORMATS
from pipeline.formats.model import History, Migration
from pipeline.postgres import locks
from pipeline.postgres.books import Books, open_attempts
from pipeline.postgres.connect import PATIENCE, Connection, Session, connected
from pipeline.postgres.executor import Executor
from pipeline.postgres.history import read_history
from pipeline.postgres.limits import Limits
from pipeline.postgres.measure import Measured, Meter
from pipeline.postgres.target import Target
from pipeline.postgres.work import StrongLocks, Watch
from pipeline.postgres.worksite import Worksite
from pipeline.sql.split import split
from pipeline.sql.statements import Statement
from tests.support.builders import migration
from tests.support.processes import becomes

LIMITS = Limits(advisory_lock=timedelta(seconds=20))
IMPATIENT = replace(LIMITS, advisory_lock=timedelta(seconds=1))
"""For who is to give up: a bound only, nobody measures it."""
NO_OPTIONS: Mapping[str, object] = {}
INDEXES = """
select c.relname, i.indisvalid
  from pg_catalog.pg_index as i join pg_catalog.pg_class as c on c.oid = i.indexrelid
 where not i.indisprimary and c.relnamespace = 'public'::pg_catalog.regnamespace
   and c.relname <> 'flyway_schema_history_s_idx'
"""

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class Site:
    """What a test does on a worksite, with few words."""

    session: Session
    work: Worksite

    def up(
        self, version: str, sql: str, *, strong: StrongLocks | None = None, watch: Watch | None = None
    ) -> timedelta:
        """Apply a migration of that version."""
        return Executor(self.work).up(migration(version, sql), split(sql), watch=watch, strong=strong or {})

    def unread(self, version: str, sql: str) -> None:
        """Apply a script whose single statement our own grammar has not looked at."""
        statement = Statement(sql, 0, 1, 1, "SOMETHING")
        Executor(self.work).up(migration(version, sql), [statement])

    def down(self, version: str, sql: str, *, previous: Migration | None = None) -> None:
        """Take a version back."""
        Executor(self.work).down(migration(version, "", sql), split(sql), previous=previous)

    def measure(self, version: str, sql: str) -> tuple[Measured, ...]:
        """Apply a migration and look on."""
        meter = Meter(self.session, version, ["public"])
        Executor(self.work).up(migration(version, sql), split(sql), watch=meter)
        return meter.measured

    def ask(self, sql: str) -> Rows:
        """The rows of a question, on the site's own session."""
        return self.session.connection.execute(sql.encode()).fetchall()


@contextmanager
def site(
    target: Target,
    format_name: str = "flyway",
    *,
    limits: Limits = LIMITS,
    purpose: str = "pipeline test",
    patience: timedelta = PATIENCE,
) -> Generator[Site]:
    """A worksite as the steps set it up: our lock held, our books open."""
    made = FORMATS[format_name]
    with (
        connected(target, purpose=purpose, patience=patience) as session,
        locks.held(session, locks.OURS, deadline=limits.advisory_lock, what="the promotion lock"),
    ):
        ledger = made.ledger("public", NO_OPTIONS)
        books = Books(session, "run-1", ledger.table)
        books.open()
        yield Site(session, Worksite(session, made, ledger, books, ["public"], limits))


def up(target: Target, version: str, sql: str, format_name: str = "flyway", *, limits: Limits = LIMITS) -> None:
    """Apply one migration on a worksite of its own."""
    with site(target, format_name, limits=limits) as at:
        at.up(version, sql)


@contextmanager
def bystander(target: Target, name: str = "bystander", *, autocommit: bool = True) -> Generator[Connection]:
    """Somebody else's session."""
    conninfo = make_conninfo("", **{**target.resolve(), "application_name": name})
    with psycopg.connect(conninfo, autocommit=autocommit) as connection:
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.rollback()


def ask(target: Target, sql: str, *values: object) -> Rows:
    """The rows of a question, asked by somebody else."""
    with bystander(target, "asker") as connection:
        cursor = connection.execute(sql.encode(), values or None)
        return cursor.fetchall() if cursor.description else []


def history(target: Target, format_name: str = "flyway") -> History:
    """The ledger as a format reads it."""
    with connected(target) as session:
        return read_history(session, FORMATS[format_name].ledger("public", NO_OPTIONS))


def applied(target: Target, format_name: str = "flyway") -> list[tuple[str | None, bool]]:
    """Version and success of the ledger's rows."""
    return [(row.version, row.success) for row in history(target, format_name).rows]


def attempts(target: Target) -> list[str]:
    """The migrations that began outside a transaction and did not end, of whatever format."""
    tables = [each.ledger("public", NO_OPTIONS).table for each in FORMATS.values()]
    with connected(target) as session:
        return [attempt.migration for table in tables for attempt in open_attempts(session, table)]


def indexes(target: Target) -> dict[object, object]:
    """Validity of the indexes that migrations made, by name."""
    return {name: valid for name, valid in ask(target, INDEXES)}  # noqa: C416 - dict() mistakes rows for bytes


def waits_for(target: Target, condition: str, within: float = 15.0) -> None:
    """Wait until a yes/no question of somebody else's is answered with yes."""
    with bystander(target, "asker") as connection:
        query = f"select exists ({condition})".encode()
        came_true = becomes(lambda: bool((connection.execute(query).fetchone() or (False,))[0]), within)
    assert came_true, condition


def building(target: Target) -> None:
    """Wait until somebody builds or drops an index and has to wait for others."""
    waits_for(
        target,
        "select from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%index concurrently%'"
        " and pid <> pg_backend_pid()",
    )
