"""Files against a ledger that knows only the head: what lies at or below it counts as applied.

What our own memory knows besides shows what the head cannot: a file that was changed, one that was not there
yet when the head went past it, one that is gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

from pipeline.findings import Finding, Severity
from pipeline.formats import problems
from pipeline.formats.model import Disposition, History, LedgerRow, Migration, MigrationState, Noted, Release

_FORCE = (
    "see what it left, then run `pipeline repair` (nothing of it is there), or `pipeline repair --applied {0}`"
    " (all of it is there)"
)
_SKIPPED = "give it a version above the newest one; if it was applied after all: pipeline repair --applied {0}"
_NOWHERE = -1


@dataclass(frozen=True)
class Board:
    """Files, head and memory of one database; ``wanted`` files from the first are wanted."""

    release: Release
    history: History
    out_of_order: str
    wanted: int

    def states(self) -> Iterator[MigrationState]:
        """By version; rows that golang-migrate would not have written come first."""
        for row in self.history.rows[1:]:
            finding = problems.foreign_row(row, "golang-migrate keeps one row only")
            yield MigrationState(None, row, "Unknown", Disposition.PROBLEM, finding)
        files = {int(migration.version or _NOWHERE): migration for migration in self.release.migrations}
        noted = {int(label): one for label, one in self.history.noted.items() if label.isdecimal()}
        lost = {version for version in noted if version < self._version and version not in files}
        unknown = {self._version} - set(files) if self._head else set[int]()
        above = set(list(files)[self.wanted :])
        for version in sorted({*files, *lost, *unknown}):
            if version not in files:
                yield self._absent(version, noted.get(version))
            else:
                yield self._state(version, files[version], noted, above=version in above)

    @property
    def _head(self) -> LedgerRow | None:
        return self.history.rows[0] if self.history.rows else None

    @property
    def _version(self) -> int:
        return int(self._head.version or _NOWHERE) if self._head else _NOWHERE

    def _absent(self, version: int, noted: Noted | None) -> MigrationState:
        """A version without a file: the head itself, or one that only we remember."""
        head = self._head
        if head is None or version != self._version:
            row = LedgerRow(str(version), "", noted.script if noted else "", None, success=True)
            return MigrationState(
                None, row, "Missing", Disposition.PROBLEM, problems.absent(row, f"version {version}")
            )
        label = "no migration at all" if version == _NOWHERE else f"version {version}"
        if not head.success:
            return MigrationState(None, head, "Dirty", Disposition.PROBLEM, _dirty(head, label, None))
        return MigrationState(None, head, "Missing", Disposition.PROBLEM, problems.absent(head, label))

    def _state(
        self, version: int, migration: Migration, noted: dict[int, Noted], *, above: bool
    ) -> MigrationState:
        if version > self._version:
            return self._ahead(migration, above=above)
        head = self._head if version == self._version else None
        if head is not None and not head.success:
            finding = _dirty(head, migration.label, migration)
            return MigrationState(migration, head, "Dirty", Disposition.PROBLEM, finding)
        if version in noted:
            return self._remembered(migration, head, noted[version])
        if head is None and any(version < other <= self._version for other in noted):
            return self._skipped(migration)
        return MigrationState(migration, head, "Applied", Disposition.APPLIED)

    def _ahead(self, migration: Migration, *, above: bool) -> MigrationState:
        """golang-migrate begins anywhere; we do not where the tool before has kept a ledger."""
        if above:
            return MigrationState(migration, None, "Above Target", Disposition.IGNORED)
        if self.history.beside:
            finding = problems.not_empty(migration, "golang-migrate", self.history.beside)
            return MigrationState(migration, None, "Pending", Disposition.PROBLEM, finding)
        return MigrationState(migration, None, "Pending", Disposition.PENDING)

    def _remembered(self, migration: Migration, head: LedgerRow | None, noted: Noted) -> MigrationState:
        now = sha256(migration.up.file.content).hexdigest()
        if noted.sha256 == now:
            return MigrationState(migration, head, "Applied", Disposition.APPLIED)
        row = LedgerRow(migration.version, migration.name, noted.script, noted.sha256, success=True)
        finding = replace(
            problems.edited(migration, row, now),
            message=f"{migration.label} was changed after it was applied: it had SHA-256 {noted.sha256[:12]}…, "
            f"the file has {now[:12]}…",
        )
        return MigrationState(migration, head, "Edited", Disposition.PROBLEM, finding)

    def _skipped(self, migration: Migration) -> MigrationState:
        """golang-migrate never goes back for it, so neither do we: the policy says how loudly we say it."""
        policy = self.out_of_order
        finding = problems.below_head(migration, str(self._version), policy)
        finding = replace(
            finding,
            message=f"{finding.message}; golang-migrate never applies it here",
            hint=_SKIPPED.format(migration.label),
        )
        disposition = Disposition.PROBLEM if policy == "deny" else Disposition.IGNORED
        return MigrationState(migration, None, "Skipped", disposition, finding)


def _dirty(head: LedgerRow, label: str, migration: Migration | None) -> Finding:
    found = problems.failed(head, label, migration, _FORCE.format(head.version))
    return Finding(
        found.rule, Severity.ERROR, f"{found.message}; its ledger is dirty", found.location, found.hint
    )
