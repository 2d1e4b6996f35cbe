"""What Flyway's baseline and repair write into flyway_schema_history."""

from collections.abc import Iterator

from pipeline.errors import ConfigurationError
from pipeline.formats import problems
from pipeline.formats.flyway import rows
from pipeline.formats.flyway.naming import version
from pipeline.formats.flyway.settings import Settings
from pipeline.formats.flyway.states import Board, equivalent_checksum
from pipeline.formats.model import Amendment, History, LedgerRow, Migration, MigrationState, Release
from pipeline.sql.command import Command

_SYNTHETIC = frozenset({rows.SCHEMA, rows.BASELINE, rows.DELETE})
_ABSENT = frozenset({"Missing", "Failed (Missing)", "Future", "Failed (Future)"})

Table = tuple[str, str]


def baseline(
    table: Table, history: History, at: str, description: str, *, by: str | None
) -> tuple[Command, ...]:
    """The marker of a baseline; nothing where it is there. Raises Refused where other rows are."""
    own, words = version(at), description
    if own is None:
        raise ConfigurationError(f"{at} is no version to Flyway", todo="write numbers with dots between: 1.2")
    markers = [row for row in history.rows if _type(row) == rows.BASELINE]
    if any(version(row.version or "") == own and row.name == words for row in markers):
        return ()
    created = all(_type(row) == rows.SCHEMA for row in history.rows)
    if not created or (history.rows and own == version("0")):
        raise problems.has_rows(table, at)
    row = rows.Row(own.text, words, rows.BASELINE, words, None)
    return (rows.insert(table, row, by=by),)


def repair(
    table: Table, release: Release, history: History, settings: Settings, *, applied: str | None
) -> tuple[Amendment, ...]:
    """Remove what failed, mark what has no file, align what has one: in Flyway's order."""
    if applied is not None:
        raise ConfigurationError(
            "Flyway's repair cannot say that a failed migration is complete",
            todo="let it fail no more: make its script do what is left, and apply it again",
        )
    failed = [row for row in history.rows if not row.success]
    left = history._replace(rows=tuple(row for row in history.rows if not _goes(row, failed)))
    ignored = ("*:future",) if settings.ignored is None else settings.ignored
    states = list(Board(release, left, out_of_order="allow", target=None, ignored=ignored).states())
    return (
        *(_removed(table, row) for row in failed),
        *(_marked(table, row, settings) for row in _absent(states)),
        *(_aligned(table, migration, row) for migration, row in _moved(states)),
    )


def _goes(row: LedgerRow, failed: list[LedgerRow]) -> bool:
    return not row.success and any(_same(row, other) for other in failed)


def _same(row: LedgerRow, other: LedgerRow) -> bool:
    return row.version == other.version if other.version is not None else row.name == other.name


def _removed(table: Table, row: LedgerRow) -> Amendment:
    """Flyway removes by version or by description, whatever the rank."""
    what = f"the failed row of {row.version or row.name} goes"
    if row.version is not None:
        text = 'DELETE FROM {table} WHERE "success" = false AND "version" = %s'
        return Amendment(what, (Command(text, {"table": table}, (row.version,)),))
    text = 'DELETE FROM {table} WHERE "success" = false AND "description" = %s'
    return Amendment(what, (Command(text, {"table": table}, (row.name,)),))


def _absent(states: list[MigrationState]) -> Iterator[LedgerRow]:
    for state in states:
        row = state.row
        if row is not None and state.state in _ABSENT and state.finding and _type(row) not in _SYNTHETIC:
            yield row


def _marked(table: Table, row: LedgerRow, settings: Settings) -> Amendment:
    marker = rows.Row(row.version, row.name, rows.DELETE, row.script, row.checksum, row.success)
    written = rows.insert(table, marker, by=settings.installed_by)
    return Amendment(f"{row.version or row.name} is marked as deleted: its file is gone", (written,))


def _moved(states: list[MigrationState]) -> Iterator[tuple[Migration, LedgerRow]]:
    for state in states:
        migration, row = state.migration, state.row
        if migration is None or row is None or state.state == "Undone":
            continue
        if _differs(migration, row) and _type(row) not in _SYNTHETIC:
            yield migration, row


def _differs(migration: Migration, row: LedgerRow) -> bool:
    if migration.version is None:
        return row.checksum != migration.checksum and row.checksum == equivalent_checksum(migration)
    return row.checksum != migration.checksum or row.name != rows.described(migration.name)


def _aligned(table: Table, migration: Migration, row: LedgerRow) -> Amendment:
    values = (
        rows.described(migration.name),
        migration.type or rows.SQL,
        migration.checksum,
        row.raw["installed_rank"],
    )
    text = (
        'UPDATE {table} SET "description" = %s, "type" = %s, "checksum" = %s::pg_catalog.int4 '
        'WHERE "installed_rank" = %s::pg_catalog.int4'
    )
    what = f"description and checksum of {migration.label} become those of its file"
    return Amendment(what, (Command(text, {"table": table}, values),))


def _type(row: LedgerRow) -> str:
    return row.raw.get("type") or rows.SQL
