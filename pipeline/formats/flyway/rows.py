"""Rows of flyway_schema_history, cut and ranked as Flyway does it."""

from typing import NamedTuple

from pipeline.sql.command import Command, Milliseconds

_LONGEST_DESCRIPTION = 200
_LONGEST_SCRIPT = 1000

BASELINE = "BASELINE"
DELETE = "DELETE"
SCHEMA = "SCHEMA"
SQL = "SQL"
SQL_BASELINE = "SQL_BASELINE"
UNDO_SQL = "UNDO_SQL"


class Row(NamedTuple):
    """What a row says, apart from who wrote it and when."""

    version: str | None
    description: str
    type: str
    script: str
    checksum: str | None
    success: bool = True


def insert(
    table: tuple[str, str],
    row: Row,
    *,
    by: str | None,
    duration_ms: Milliseconds = 0,
    kept_rank: bool = False,
) -> Command:
    """One row behind all others at the moment it is written; ``by`` stands for the current_user.

    ``kept_rank`` prefers the rank that ``keep_rank`` took in the same transaction.
    """
    return Command(_INSERT_KEPT if kept_rank else _INSERT, {"table": table}, _values(row, by, duration_ms))


def insert_undo(table: tuple[str, str], row: Row, *, by: str | None, always: bool) -> Command:
    """One row behind all others, where ``always`` or the ledger has rows of the paid edition's undo already."""
    return Command(_INSERT_UNDO, {"table": table}, (*_values(row, by, 0), always))


def keep_rank(table: tuple[str, str]) -> Command:
    """Keep the rank that the next row has now, whatever this transaction does to the ledger.

    It is kept as the number of a lock: no script takes that away, and the end of the transaction does.
    """
    return Command(
        "SELECT pg_catalog.pg_advisory_xact_lock_shared(1918987883, "
        'COALESCE(pg_catalog.max("installed_rank") + 1, 1)) FROM {table}',
        {"table": table},
    )


def described(description: str) -> str:
    """A description as the ledger can hold it."""
    if len(description) <= _LONGEST_DESCRIPTION:
        return description
    return description[: _LONGEST_DESCRIPTION - 3] + "..."


def _values(row: Row, by: str | None, duration_ms: Milliseconds) -> tuple[object, ...]:
    script = row.script if len(row.script) <= _LONGEST_SCRIPT else "..." + row.script[3:_LONGEST_SCRIPT]
    described_as = described(row.description)
    return (row.version, described_as, row.type, script, row.checksum, by, duration_ms, row.success)


_INTO = (
    'INSERT INTO {table} ("installed_rank", "version", "description", "type", "script", '
    '"checksum", "installed_by", "execution_time", "success") SELECT '
)
_NEXT = 'COALESCE(pg_catalog.max("installed_rank"), 0) + 1'
_KEPT = (
    "COALESCE((SELECT l.objid::pg_catalog.int4 FROM pg_catalog.pg_locks AS l WHERE l.locktype = 'advisory' "
    "AND l.pid = pg_catalog.pg_backend_pid() AND l.classid = 1918987883 AND l.objsubid = 2), "
    'COALESCE(pg_catalog.max("installed_rank"), 0) + 1)'
)
_REST = (
    ", %s::pg_catalog.varchar, "
    "%s::pg_catalog.varchar, %s::pg_catalog.varchar, %s::pg_catalog.varchar, %s::pg_catalog.int4, "
    "COALESCE(%s::pg_catalog.text, CURRENT_USER::pg_catalog.text), %s::pg_catalog.int4, "
    "%s::pg_catalog.bool FROM {table}"
)
_INSERT = _INTO + _NEXT + _REST
_INSERT_KEPT = _INTO + _KEPT + _REST
_INSERT_UNDO = _INSERT + " HAVING %s::pg_catalog.bool OR pg_catalog.bool_or(\"type\" = 'UNDO_SQL')"
