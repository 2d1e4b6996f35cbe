"""Files against a ledger that knows only the head: what lies at or below it counts as applied."""

from collections.abc import Iterator

from pipeline.findings import Finding, Severity
from pipeline.formats import problems
from pipeline.formats.interface import Disposition, History, LedgerRow, Migration, MigrationState, Release

_FORCE = "see what it left, then run `migrate force VERSION` with the version the schema is really at"
_NOTHING = "-1"


def states(release: Release, history: History, wanted: int) -> Iterator[MigrationState]:
    """Every file in its order; the ledger's row stands with the file it names, or before all of them."""
    head = _head(history)
    version = int(head.version or _NOTHING) if head else -1
    known = {int(migration.version or _NOTHING): migration for migration in release.migrations}
    for row in history.rows:
        if row is not head:
            finding = problems.foreign_row(row, "golang-migrate keeps one row only")
            yield MigrationState(None, row, "Unknown", Disposition.PROBLEM, finding)
    if head is not None and version not in known:
        yield _unknown_head(head)
    for at, (own, migration) in enumerate(known.items()):
        yield _state(migration, own, version, head, above=at >= wanted)


def _head(history: History) -> LedgerRow | None:
    return history.rows[0] if history.rows else None


def _unknown_head(head: LedgerRow) -> MigrationState:
    label = "no migration at all" if head.version == _NOTHING else f"version {head.version}"
    if not head.success:
        return MigrationState(None, head, "Dirty", Disposition.PROBLEM, _dirty(head, label, None))
    return MigrationState(None, head, "Missing", Disposition.PROBLEM, problems.absent(head, label))


def _state(
    migration: Migration, own: int, version: int, head: LedgerRow | None, *, above: bool
) -> MigrationState:
    if head is not None and own == version:
        if head.success:
            return MigrationState(migration, head, "Applied", Disposition.APPLIED)
        return MigrationState(
            migration, head, "Dirty", Disposition.PROBLEM, _dirty(head, migration.label, migration)
        )
    if own < version:
        return MigrationState(migration, None, "Applied", Disposition.APPLIED)
    if above:
        return MigrationState(migration, None, "Above Target", Disposition.IGNORED)
    return MigrationState(migration, None, "Pending", Disposition.PENDING)


def _dirty(head: LedgerRow, label: str, migration: Migration | None) -> Finding:
    found = problems.failed(head, label, migration, _FORCE)
    return Finding(
        found.rule, Severity.ERROR, f"{found.message}; its ledger is dirty", found.location, found.hint
    )
