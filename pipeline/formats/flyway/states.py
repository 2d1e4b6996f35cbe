"""Flyway's info and validate: every file and every row in Flyway's own words."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from pipeline.findings import Finding
from pipeline.formats import problems
from pipeline.formats.flyway import rows
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.flyway.naming import Version, version
from pipeline.formats.model import Disposition, History, Kind, LedgerRow, Migration, MigrationState, Release

_TYPES = frozenset({
    "SCHEMA", "BASELINE", "DELETE", "SQL", "JDBC", "SCRIPT", "UNDO_SCRIPT", "CUSTOM", "SQL_BASELINE",
    "JDBC_BASELINE", "SQL_STATE_SCRIPT", "JDBC_STATE_SCRIPT", "UNDO_SQL", "UNDO_JDBC",
})  # fmt: skip
_RENAMED_TYPES = {"SPRING_JDBC": "JDBC"}
_SYNTHETIC = frozenset({rows.SCHEMA, rows.BASELINE, rows.DELETE})
_REPAIR = "clean up what it left, then run Flyway's repair"
_BASELINED = frozenset({"Below Baseline", "Ignored (Baseline)"})

Identity = tuple[Version, str] | str
"""What makes a migration the same one: its version and type, or the description of a repeatable."""


class _Row(NamedTuple):
    row: LedgerRow
    type: str
    version: Version | None
    identity: Identity
    is_end: bool
    """Whether it takes back what an earlier row says."""
    is_plain: bool
    """Whether it is that of a versioned migration in SQL, as nearly all are."""

    @property
    def takes_back(self) -> object:
        """What a DELETE or UNDO row is about, whatever its type was."""
        return self.version if self.version is not None else self.row.name

    @property
    def is_baseline(self) -> bool:
        return self.type.endswith(rows.BASELINE)

    @property
    def is_repeatable(self) -> bool:
        return self.version is None and self.type != rows.SCHEMA and not self.is_baseline

    @property
    def is_foreign(self) -> bool:
        return self.type not in _TYPES or (self.row.version is not None and self.version is None)


class Board:
    """Files and rows of one database, matched.

    What fits the patterns that the release forgives, or ``ignored`` where it is given, is no problem.
    """

    def __init__(
        self,
        release: Release,
        history: History,
        *,
        out_of_order: str,
        target: Version | None,
        ignored: Sequence[str] | None = None,
    ) -> None:
        self._policy = out_of_order
        self._target = target
        self._ignored = release.forgiven if ignored is None else ignored
        self._beside = history.beside
        self._files = {identity(migration): migration for migration in release.migrations}
        self._rows = [_row(row) for row in history.rows]
        self._ended, self._surplus = self._ends()
        live = [row for at, row in enumerate(self._rows) if at not in self._ended and not row.is_end]
        special = [row for row in self._rows if not row.is_plain]
        self._newest = {row.identity: row for row in special if row.is_repeatable}
        self._head = max((row.version for row in live if row.version), default=None)
        self._baseline = max((row.version for row in special if row.is_baseline and row.version), default=None)
        self._local = max((key[0] for key in self._files if isinstance(key, tuple)), default=None)
        self._applied: set[Identity] = set()

    def _ends(self) -> tuple[dict[int, str], set[int]]:
        """The rows that a later row took back, with the word for it; and later rows that found nothing left."""
        ended: dict[int, str] = {}
        surplus: set[int] = set()
        if not any(row.is_end for row in self._rows):
            return ended, surplus
        latest: dict[object, int] = {}
        for at, row in enumerate(self._rows):
            if row.is_end:
                taken = latest.get(row.takes_back)
                if taken is not None and taken in ended and row.version is not None:
                    surplus.add(at)
                if taken is not None:
                    ended[taken] = "Deleted" if row.type == rows.DELETE else "Undone"
            elif row.type not in _SYNTHETIC:
                latest[row.takes_back] = at
        return ended, surplus

    def states(self) -> Iterator[MigrationState]:
        """Below the baseline first, then what is applied by rank, then what is not by version."""
        applied = list(self._row_states())
        rest = [
            self._file_state(key, migration)
            for key, migration in self._files.items()
            if key not in self._applied
        ]
        below = [state for state in rest if state.state in _BASELINED]
        above = [state for state in rest if state.state not in _BASELINED]
        states = self._beginning([*below, *applied, *above])
        return map(self._forgiven, states) if self._ignored else states

    def _beginning(self, states: list[MigrationState]) -> Iterator[MigrationState]:
        """Flyway does not begin in a schema that is not empty: what would be first says so."""
        pending = (at for at, state in enumerate(states) if state.disposition is Disposition.PENDING)
        first = next(pending, None) if self._beside else None
        if first is not None and (migration := states[first].migration) is not None:
            finding = problems.not_empty(migration, "Flyway", self._beside)
            states[first] = MigrationState(migration, None, states[first].state, Disposition.PROBLEM, finding)
        return iter(states)

    def _forgiven(self, state: MigrationState) -> MigrationState:
        if state.disposition is not Disposition.PROBLEM:
            return state
        about = state.migration or state.row
        kinds = ("*", "versioned" if about and about.version is not None else "repeatable")
        words = ("*", state.state.lower())
        if not any(f"{kind}:{word}" in self._ignored for kind in kinds for word in words):
            return state
        return MigrationState(state.migration, state.row, state.state, Disposition.IGNORED)

    def _row_states(self) -> Iterator[MigrationState]:
        highest: Version | None = None
        for at, row in enumerate(self._rows):
            late = row.version is not None and highest is not None and row.version <= highest
            if at in self._ended:
                yield MigrationState(
                    self._files.get(row.identity), row.row, self._ended[at], Disposition.IGNORED
                )
            elif at in self._surplus:
                finding = problems.foreign_row(row.row, "what it takes back was taken back before")
                yield _problem(None, row, "Unknown", finding)
            elif not (row.type == rows.DELETE and row.version is not None):
                yield self._row_state(row, late=late)
            if at not in self._ended and not row.is_end and row.version is not None:
                highest = row.version if highest is None or highest < row.version else highest

    def _row_state(self, row: _Row, *, late: bool) -> MigrationState:
        special = None if row.is_plain else self._special_state(row)
        if special is not None:
            return special
        migration = self._files.get(row.identity)
        return self._missing(row) if migration is None else self._matched(migration, row, late=late)

    def _special_state(self, row: _Row) -> MigrationState | None:
        """That of a row that no file needs to stand beside; None where one does."""
        if row.is_foreign:
            why = f"its type is {row.type}" if row.type not in _TYPES else f"its version is {row.row.version}"
            return _problem(None, row, "Unknown", problems.foreign_row(row.row, why))
        if row.is_end or row.type == rows.DELETE:
            return MigrationState(None, row.row, "Success", Disposition.IGNORED)
        if row.type == rows.BASELINE:
            return MigrationState(None, row.row, "Baseline", Disposition.APPLIED)
        if row.type == rows.SCHEMA:
            return MigrationState(None, row.row, "Success", Disposition.APPLIED)
        if row.is_repeatable and self._newest[row.identity] is not row:
            return MigrationState(self._files.get(row.identity), row.row, "Superseded", Disposition.IGNORED)
        return None

    def _missing(self, row: _Row) -> MigrationState:
        newer = row.version is not None and (self._local is None or row.version >= self._local)
        word = "Future" if newer else "Missing"
        label = row.row.version or row.row.name
        if not row.row.success:
            shown = "Failed" if row.is_baseline else f"Failed ({word})"
            return _problem(None, row, shown, problems.failed(row.row, label, None, _REPAIR))
        return _problem(None, row, word, problems.absent(row.row, label, newer=newer))

    def _matched(self, migration: Migration, row: _Row, *, late: bool) -> MigrationState:
        if not row.row.success:
            self._applied.add(row.identity)
            return _problem(
                migration, row, "Failed", problems.failed(row.row, migration.label, migration, _REPAIR)
            )
        if not row.is_plain and row.is_repeatable:
            return self._repeatable(migration, row)
        self._applied.add(row.identity)
        word = "Baseline" if not row.is_plain and row.is_baseline else "Out of Order" if late else "Success"
        finding = None if self._is_baselined(row) else _mismatch(migration, row.row)
        disposition = Disposition.PROBLEM if finding else Disposition.APPLIED
        return MigrationState(migration, row.row, word, disposition, finding)

    def _is_baselined(self, row: _Row) -> bool:
        return row.version is not None and self._baseline is not None and row.version <= self._baseline

    def _repeatable(self, migration: Migration, row: _Row) -> MigrationState:
        if row.row.checksum not in {migration.checksum, equivalent_checksum(migration)}:
            return MigrationState(migration, row.row, "Outdated", Disposition.IGNORED)
        self._applied.add(row.identity)
        finding = _mismatch(migration, row.row)
        disposition = Disposition.PROBLEM if finding else Disposition.APPLIED
        return MigrationState(migration, row.row, "Success", disposition, finding)

    def _file_state(self, key: Identity, migration: Migration) -> MigrationState:
        if isinstance(key, str):
            return MigrationState(migration, None, "Pending", Disposition.PENDING)
        return self._versioned_file(migration, key[0])

    def _versioned_file(self, migration: Migration, own: Version) -> MigrationState:
        state = self._plain_file(migration, own)
        if migration.kind is not Kind.BASELINE:
            return state
        fresh = self._baseline is None and self._head is None
        if fresh and own == self._pending_baseline:
            return MigrationState(migration, None, "Pending", Disposition.PENDING)
        word = "Ignored" if state.state == "Pending" else state.state
        return MigrationState(migration, None, word, Disposition.IGNORED)

    @cached_property
    def _pending_baseline(self) -> Version | None:
        """The newest baseline migration that is not applied; known once all rows are."""
        files = [
            key
            for key, migration in self._files.items()
            if migration.kind is Kind.BASELINE and key not in self._applied
        ]
        return max((key[0] for key in files if isinstance(key, tuple)), default=None)

    def _plain_file(self, migration: Migration, own: Version) -> MigrationState:
        baseline = self._baseline if self._head is not None else self._pending_baseline
        if baseline is not None and own <= baseline:
            word = "Ignored (Baseline)" if own == baseline else "Below Baseline"
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
    own = version(migration.version or "")
    return migration.name if own is None else (own, migration.type or rows.SQL)


def equivalent_checksum(migration: Migration) -> str | None:
    """The checksum of a repeatable before replacement, which Flyway takes for the same."""
    if migration.version is not None:
        return None
    try:
        return checksum(migration.up.file.content.decode())
    except UnicodeDecodeError:
        return None


def _row(row: LedgerRow) -> _Row:
    written = row.raw.get("type") or rows.SQL
    type_, own = _RENAMED_TYPES.get(written, written), version(row.version or "")
    is_end = (type_ == rows.DELETE and row.success) or type_.startswith("UNDO_")
    is_plain = own is not None and type_ == rows.SQL
    return _Row(row, type_, own, row.name if own is None else (own, type_), is_end, is_plain)


def _problem(migration: Migration | None, row: _Row, word: str, finding: Finding) -> MigrationState:
    return MigrationState(migration, row.row, word, Disposition.PROBLEM, finding)


def _mismatch(migration: Migration, row: LedgerRow) -> Finding | None:
    """What Flyway's validate compares: the checksum, then the description."""
    if row.checksum != migration.checksum:
        by, at = row.raw.get("installed_by"), row.raw.get("installed_on")
        when = f" (by {by} at {at})" if by and at else ""
        return problems.edited(migration, row, migration.checksum, when)
    return problems.renamed(migration, row) if row.name != rows.described(migration.name) else None


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
