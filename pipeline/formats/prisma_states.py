"""Files against _prisma_migrations: applied, failed, rolled back, edited, missing, squashed, pending.

Prisma's way to make one migration of many is to remove their folders and to resolve the new one as applied: the
rows of the old ones stay.
"""

from collections.abc import Iterator

from pipeline.formats import problems
from pipeline.formats.model import Disposition, History, LedgerRow, Migration, MigrationState, Release
from pipeline.formats.prisma_rows import is_checksum_of, is_rolled_back, was_resolved

_RESOLVE = (
    "see what it left, then run `pipeline repair` (nothing of it is there), or `pipeline repair --applied NAME`"
    " (all of it is there)"
)


class Board:
    """Files and rows of one database, matched by the folder's name."""

    def __init__(self, release: Release, history: History, *, out_of_order: str, wanted: int) -> None:
        self._release = release
        self._history = history
        self._policy = out_of_order
        self._wanted = wanted
        self._files = {migration.script: migration for migration in release.migrations}
        self._taken = {row.script for row in history.rows if not is_rolled_back(row)}
        applied = [at for at, migration in enumerate(release.migrations) if migration.script in self._taken]
        self._last = applied[-1] if applied else -1
        resolved = [
            at for at, row in enumerate(history.rows) if was_resolved(row) and row.script in self._files
        ]
        self._squashed = resolved[-1] if resolved else 0

    def states(self) -> Iterator[MigrationState]:
        """The rows in the order in which they were started, then the folders that are not applied."""
        for at, row in enumerate(self._history.rows):
            yield self._row_state(at, row)
        for at, migration in enumerate(self._release.migrations):
            if migration.script not in self._taken:
                yield self._file_state(at, migration)

    def _row_state(self, at: int, row: LedgerRow) -> MigrationState:
        migration = self._files.get(row.script)
        if is_rolled_back(row):
            return MigrationState(migration, row, "Rolled Back", Disposition.IGNORED)
        if not row.success:
            finding = problems.failed(row, row.script, migration, _RESOLVE)
            return MigrationState(migration, row, "Failed", Disposition.PROBLEM, finding)
        if migration is None:
            if at < self._squashed:
                return MigrationState(None, row, "Squashed", Disposition.IGNORED)
            return MigrationState(None, row, "Missing", Disposition.PROBLEM, problems.absent(row, row.script))
        if not is_checksum_of(migration, row.checksum):
            when = f" (at {row.raw['finished_at']})" if row.raw.get("finished_at") else ""
            finding = problems.edited(migration, row, migration.checksum, when)
            return MigrationState(migration, row, "Edited", Disposition.PROBLEM, finding)
        return MigrationState(migration, row, "Applied", Disposition.APPLIED)

    def _file_state(self, at: int, migration: Migration) -> MigrationState:
        if at >= self._wanted:
            return MigrationState(migration, None, "Above Target", Disposition.IGNORED)
        if at < self._last and self._policy != "allow":
            head = self._release.migrations[self._last].label
            finding = problems.below_head(migration, head, self._policy)
            disposition = Disposition.PROBLEM if finding.refuses else Disposition.PENDING
            return MigrationState(migration, None, "Pending", disposition, finding)
        if at == 0 and self._history.beside:
            finding = problems.not_empty(migration, "Prisma", self._history.beside)
            return MigrationState(migration, None, "Pending", Disposition.PROBLEM, finding)
        return MigrationState(migration, None, "Pending", Disposition.PENDING)
