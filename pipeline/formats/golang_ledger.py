"""schema_migrations, with the rows that golang-migrate leaves: the head and whether it is dirty."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.formats import heads, problems
from pipeline.formats.model import Amendment, History, LedgerRow, Migration, Release
from pipeline.sql.command import Command, Milliseconds

_SALT = 1486364155


@dataclass(frozen=True)
class GolangLedger:
    """The ledger in one schema."""

    table: tuple[str, str]
    remembers_bytes: bool = False

    def lock_key(self, database: str) -> int:
        """The key of the command-line program, which takes the database's name with the URL's slash."""
        return lock_key(self.table, f"/{database}")

    @property
    def create(self) -> tuple[Command, ...]:
        """The table with its primary key."""
        return (
            Command(
                "CREATE TABLE IF NOT EXISTS {table} "
                "(version bigint not null primary key, dirty boolean not null)",
                {"table": self.table},
            ),
        )

    @property
    def occupied(self) -> None:
        """golang-migrate begins anywhere."""

    @property
    def read(self) -> Command:
        """The one row there should be."""
        return Command(
            "SELECT m.version::pg_catalog.text, m.dirty::pg_catalog.text FROM {table} AS m ORDER BY m.version",
            {"table": self.table},
        )

    @property
    def head(self) -> Command:
        """How many rows there are, and the transactions that wrote them."""
        return heads.head(self.table)

    def interpret(self, rows: Sequence[Mapping[str, str | None]]) -> tuple[LedgerRow, ...]:
        """The head; it is a success unless it is dirty."""
        return tuple(LedgerRow(row["version"], "", "", None, row["dirty"] == "false", row) for row in rows)

    def started(self, migration: Migration) -> tuple[Command, ...]:
        """The migration's version, dirty."""
        return (*self._empty(), self._head(migration, "true"))

    def finished(self, migration: Migration, duration_ms: Milliseconds) -> tuple[Command, ...]:
        """The migration's version, clean."""
        return (*self._empty(), self._head(migration, "false"))

    def undone(self, migration: Migration, previous: Migration | None) -> tuple[Command, ...]:
        """The version before, clean; no row at all before the first."""
        return self._empty() if previous is None else (*self._empty(), self._head(previous, "false"))

    def baseline(
        self, release: Release, history: History, version: str, description: str | None = None
    ) -> tuple[Command, ...]:
        """``force`` on a table without a row; golang-migrate keeps no descriptions."""
        if any(row.version == version and row.success for row in history.rows):
            return ()
        if history.rows:
            raise problems.has_rows(self.table, version)
        return (self._forced(_migration(release, version)),)

    def repair(
        self, release: Release, history: History, *, applied: str | None = None
    ) -> tuple[Amendment, ...]:
        """``force``: to ``applied``, or to the version before the one that is dirty.

        Where a way back has failed, the one below is dirty: ``applied`` then names what is still there.
        """
        dirty = [row for row in history.rows if not row.success]
        if not dirty:
            if applied is not None:
                raise problems.not_failed(applied)
            return ()
        kept = self._below(release, dirty[0]) if applied is None else _migration(release, applied)
        what = f"the head becomes {kept.label}, clean" if kept else "no version is the head any more"
        return (Amendment(what, (*self._empty(), *([self._forced(kept)] if kept else []))),)

    def _below(self, release: Release, dirty: LedgerRow) -> Migration | None:
        below = [one for one in release.migrations if int(one.label) < int(dirty.version or -1)]
        return below[-1] if below else None

    def _forced(self, migration: Migration) -> Command:
        return self._head(migration, "false")

    def _empty(self) -> tuple[Command, ...]:
        """Remove the row. golang-migrate truncates, which would keep every reader waiting for our COMMIT."""
        return (Command("DELETE FROM {table}", {"table": self.table}),)

    def _head(self, migration: Migration, dirty: str) -> Command:
        return Command(
            "INSERT INTO {table} (version, dirty) VALUES (%s::pg_catalog.int8, %s::pg_catalog.bool)",
            {"table": self.table},
            (migration.version, dirty),
        )


def _migration(release: Release, version: str) -> Migration:
    found = release.find(version)
    if found is None:
        labels = [migration.label for migration in release.migrations]
        raise problems.no_such_target(version, labels[-1] if labels else "none at all")
    return found


def lock_key(table: tuple[str, str], database: str) -> int:
    """golang-migrate's key; programs that use it as a library may name the database without a slash."""
    return zlib.crc32("\0".join((*table, database)).encode()) * _SALT % 2**32
