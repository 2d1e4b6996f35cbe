"""Files against _prisma_migrations: applied, failed, rolled back, edited, missing, pending."""

import hashlib
from collections.abc import Iterator

from pipeline.formats import problems
from pipeline.formats.interface import (
    Disposition,
    History,
    LedgerRow,
    Migration,
    MigrationState,
    Release,
)

_RESOLVE = "see what it left, then run `prisma migrate resolve --rolled-back` or `--applied` with its name"
_CHECKSUM = 64


class Board:
    """Files and rows of one database, matched by the folder's name."""

    def __init__(self, release: Release, history: History, *, out_of_order: str, wanted: int) -> None:
        self._release = release
        self._history = history
        self._policy = out_of_order
        self._wanted = wanted
        self._files = {migration.script: migration for migration in release.migrations}
        self._taken = {row.script for row in history.rows if not _is_rolled_back(row)}
        applied = [at for at, migration in enumerate(release.migrations) if migration.script in self._taken]
        self._last = applied[-1] if applied else -1

    def states(self) -> Iterator[MigrationState]:
        """The rows in the order in which they were started, then the folders that are not applied."""
        for row in self._history.rows:
            yield self._row_state(row)
        for at, migration in enumerate(self._release.migrations):
            if migration.script not in self._taken:
                yield self._file_state(at, migration)

    def _row_state(self, row: LedgerRow) -> MigrationState:
        migration = self._files.get(row.script)
        if _is_rolled_back(row):
            return MigrationState(migration, row, "Rolled Back", Disposition.IGNORED)
        if not row.success:
            finding = problems.failed(row, row.script, migration, _RESOLVE)
            return MigrationState(migration, row, "Failed", Disposition.PROBLEM, finding)
        if migration is None:
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


def _is_rolled_back(row: LedgerRow) -> bool:
    return row.raw.get("rolled_back_at") is not None


def is_checksum_of(migration: Migration, recorded: str | None) -> bool:
    """Whether Prisma would take the recorded checksum for that of the file, whatever its line ends."""
    content = migration.up.file.content
    variants = (content, content.replace(b"\r\n", b"\n"), content.replace(b"\n", b"\r\n"))
    digests = [hashlib.sha256(variant) for variant in variants]
    if recorded is not None and len(recorded) != _CHECKSUM:  # early Prisma left out the zero of small bytes
        return recorded in {"".join(f"{byte:x}" for byte in digest.digest()) for digest in digests}
    return recorded in {digest.hexdigest() for digest in digests}
