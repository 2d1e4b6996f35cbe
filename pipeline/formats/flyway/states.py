"""Flyway's info and validate: every file and every row in Flyway's own words."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.findings import Finding
from pipeline.formats import problems
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.flyway.ledger import described
from pipeline.formats.flyway.naming import Version, version
from pipeline.formats.interface import (
    Disposition,
    History,
    Kind,
    LedgerRow,
    Migration,
    MigrationState,
    Release,
)

_TYPES = frozenset({
    "SCHEMA", "BASELINE", "DELETE", "SQL", "JDBC", "SPRING_JDBC", "SCRIPT", "UNDO_SCRIPT", "CUSTOM",
    "SQL_BASELINE", "JDBC_BASELINE", "SQL_STATE_SCRIPT", "JDBC_STATE_SCRIPT", "UNDO_SQL", "UNDO_JDBC",
})  # fmt: skip
_REPAIR = "clean up what it left, then run Flyway's repair"

Identity = Version | str
"""What makes a migration the same one: its version, or the description of a repeatable."""


@dataclass(frozen=True)
class _Row:
    row: LedgerRow
    type: str
    version: Version | None

    @property
    def identity(self) -> Identity:
        return self.version if self.version is not None else self.row.name

    @property
    def is_end(self) -> bool:
        return self.type == "DELETE" or self.type.startswith("UNDO_")

    @property
    def is_baseline(self) -> bool:
        return self.type.endswith("BASELINE")

    @property
    def is_repeatable(self) -> bool:
        return self.version is None and self.type != "SCHEMA" and not self.is_baseline


class Board:
    """Files and rows of one database, matched."""

    def __init__(
        self, release: Release, history: History, *, out_of_order: str, target: Version | None
    ) -> None:
        self._policy = out_of_order
        self._target = target
        self._files = {identity(migration): migration for migration in release.migrations}
        self._rows = [
            _Row(row, row.raw.get("type") or "SQL", version(row.version or "")) for row in history.rows
        ]
        self._ended = self._ends()
        live = [row for at, row in enumerate(self._rows) if at not in self._ended and not row.is_end]
        self._newest = {row.identity: row for row in live if row.is_repeatable}
        self._head = max((row.version for row in live if row.version), default=None)
        self._baseline = max((row.version for row in live if row.is_baseline and row.version), default=None)
        self._local = max((key for key in self._files if isinstance(key, Version)), default=None)
        self._applied: set[Identity] = set()

    def _ends(self) -> dict[int, str]:
        """The rows that a later row took back, with the word for it."""
        ended: dict[int, str] = {}
        open_rows: dict[Identity, list[int]] = {}
        for at, row in enumerate(self._rows):
            if row.is_end:
                word = "Deleted" if row.type == "DELETE" else "Undone"
                ended.update(dict.fromkeys(open_rows.pop(row.identity, ()), word))
            else:
                open_rows.setdefault(row.identity, []).append(at)
        return ended

    def states(self) -> Iterator[MigrationState]:
        """Below the baseline first, then what is applied by rank, then what is not by version."""
        applied = list(self._row_states())
        rest = [state for migration in self._files.values() for state in self._file_states(migration)]
        baseline = {"Below Baseline", "Ignored (Baseline)"}
        yield from (state for state in rest if state.state in baseline)
        yield from applied
        yield from (state for state in rest if state.state not in baseline)

    def _row_states(self) -> Iterator[MigrationState]:
        highest: Version | None = None
        for at, row in enumerate(self._rows):
            late = row.version is not None and highest is not None and row.version <= highest
            yield (
                self._ended_state(row, self._ended[at])
                if at in self._ended
                else self._row_state(row, late=late)
            )
            if at not in self._ended and not row.is_end and row.version is not None:
                highest = max(highest, row.version) if highest else row.version

    def _ended_state(self, row: _Row, word: str) -> MigrationState:
        return MigrationState(self._files.get(row.identity), row.row, word, Disposition.IGNORED)

    def _row_state(self, row: _Row, *, late: bool) -> MigrationState:
        if row.type not in _TYPES or (row.row.version is not None and row.version is None):
            why = f"its type is {row.type}" if row.type not in _TYPES else f"its version is {row.row.version}"
            return _problem(None, row, "Unknown", problems.foreign_row(row.row, why))
        if row.is_end:
            return MigrationState(None, row.row, "Success", Disposition.IGNORED)
        if row.is_baseline and row.row.success:
            return MigrationState(None, row.row, "Baseline", Disposition.APPLIED)
        if row.type == "SCHEMA":
            return MigrationState(None, row.row, "Success", Disposition.APPLIED)
        if row.is_repeatable and self._newest[row.identity] is not row:
            return MigrationState(self._files.get(row.identity), row.row, "Superseded", Disposition.IGNORED)
        migration = self._files.get(row.identity) if row.type == "SQL" else None
        return self._missing(row) if migration is None else self._matched(migration, row, late=late)

    def _missing(self, row: _Row) -> MigrationState:
        newer = row.version is not None and (self._local is None or row.version > self._local)
        word = "Future" if newer else "Missing"
        label = row.row.version or row.row.name
        if not row.row.success:
            return _problem(None, row, f"Failed ({word})", problems.failed(row.row, label, None, _REPAIR))
        return _problem(None, row, word, problems.absent(row.row, label, newer=newer))

    def _matched(self, migration: Migration, row: _Row, *, late: bool) -> MigrationState:
        if not row.row.success:
            self._applied.add(row.identity)
            return _problem(
                migration, row, "Failed", problems.failed(row.row, migration.label, migration, _REPAIR)
            )
        if row.is_repeatable:
            return self._repeatable(migration, row)
        self._applied.add(row.identity)
        word = "Out of Order" if late else "Success"
        finding = None if self._is_baselined(row) else _mismatch(migration, row.row)
        disposition = Disposition.PROBLEM if finding else Disposition.APPLIED
        return MigrationState(migration, row.row, word, disposition, finding)

    def _is_baselined(self, row: _Row) -> bool:
        return row.version is not None and self._baseline is not None and row.version <= self._baseline

    def _repeatable(self, migration: Migration, row: _Row) -> MigrationState:
        if row.row.checksum not in {migration.checksum, _raw_checksum(migration)}:
            return MigrationState(migration, row.row, "Outdated", Disposition.IGNORED)
        self._applied.add(row.identity)
        return MigrationState(migration, row.row, "Success", Disposition.APPLIED)

    def _file_states(self, migration: Migration) -> Iterator[MigrationState]:
        key = identity(migration)
        if key not in self._applied:
            yield (
                self._repeatable_file(migration)
                if isinstance(key, str)
                else self._versioned_file(migration, key)
            )

    def _repeatable_file(self, migration: Migration) -> MigrationState:
        return MigrationState(migration, None, "Pending", Disposition.PENDING)

    def _versioned_file(self, migration: Migration, own: Version) -> MigrationState:
        if self._baseline is not None and own <= self._baseline:
            word = "Ignored (Baseline)" if own == self._baseline else "Below Baseline"
            return MigrationState(migration, None, word, Disposition.IGNORED)
        if self._target is not None and own > self._target:
            return MigrationState(migration, None, "Above Target", Disposition.IGNORED)
        if self._head is not None and own < self._head and self._policy != "allow":
            finding = problems.below_head(migration, self._head.text, self._policy)
            if finding.refuses:
                return MigrationState(migration, None, "Ignored", Disposition.PROBLEM, finding)
            return MigrationState(migration, None, "Pending", Disposition.PENDING, finding)
        return MigrationState(migration, None, "Pending", Disposition.PENDING)


def identity(migration: Migration) -> Identity:
    """What Flyway matches a file by."""
    if migration.kind is Kind.REPEATABLE or migration.version is None:
        return migration.name
    return version(migration.version) or migration.version


def _problem(migration: Migration | None, row: _Row, word: str, finding: Finding) -> MigrationState:
    return MigrationState(migration, row.row, word, Disposition.PROBLEM, finding)


def _mismatch(migration: Migration, row: LedgerRow) -> Finding | None:
    """What Flyway's validate compares: the checksum, then the description."""
    if row.checksum != migration.checksum:
        by, at = row.raw.get("installed_by"), row.raw.get("installed_on")
        when = f" (by {by} at {at})" if by and at else ""
        return problems.edited(migration, row, migration.checksum, when)
    return problems.renamed(migration, row) if row.name != described(migration.name) else None


def _raw_checksum(migration: Migration) -> str | None:
    """The checksum of a repeatable before replacement, which older Flyways stored."""
    try:
        return checksum(migration.up.file.content.decode())
    except UnicodeDecodeError:
        return None


def target_version(target: str | None, release: Release, history: History) -> Version | None:
    """The last version wanted; None means all. Raises ConfigurationError for one that exists nowhere."""
    if target is None or target.lower() == "latest":
        return None
    wanted = version(target)
    known = [version(text) for text in _versions(release, history)]
    if wanted is None or wanted not in known:
        newest = max((each for each in known if each), default=None)
        raise problems.no_such_target(target, newest.text if newest else "none at all")
    return wanted


def _versions(release: Release, history: History) -> Iterator[str]:
    for migration in release.migrations:
        if migration.version is not None:
            yield migration.version
    for row in history.rows:
        if row.version is not None:
            yield row.version
