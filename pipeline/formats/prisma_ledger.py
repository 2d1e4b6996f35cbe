"""_prisma_migrations, exactly as Prisma creates and writes it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.formats import heads, problems
from pipeline.formats.model import Amendment, History, LedgerRow, Migration, Release
from pipeline.formats.positions import last_wanted
from pipeline.formats.prisma_rows import is_checksum_of, is_unfinished
from pipeline.sql.command import Command, Milliseconds

_LOCK_KEY = 72707369
"""Prisma's key is the same for every database and schema."""
_POSTGIS = ("spatial_ref_sys", "geometry_columns", "geography_columns", "raster_columns", "raster_overviews")


@dataclass(frozen=True)
class PrismaLedger:
    """The ledger in one schema; ``new_id`` makes the identifier of a row."""

    table: tuple[str, str]
    new_id: Callable[[], str]
    remembers_bytes: bool = True

    def lock_key(self, database: str) -> int:
        """The key of all Prisma migrations."""
        return _LOCK_KEY

    @property
    def create(self) -> tuple[Command, ...]:
        """The table with its primary key."""
        return (
            Command(
                "CREATE TABLE {table} ("
                "id VARCHAR(36) PRIMARY KEY NOT NULL, "
                "checksum VARCHAR(64) NOT NULL, "
                "finished_at TIMESTAMPTZ, "
                "migration_name VARCHAR(255) NOT NULL, "
                "logs TEXT, "
                "rolled_back_at TIMESTAMPTZ, "
                "started_at TIMESTAMPTZ NOT NULL DEFAULT pg_catalog.now(), "
                "applied_steps_count INTEGER NOT NULL DEFAULT 0)",
                {"table": self.table},
            ),
        )

    @property
    def occupied(self) -> Command:
        """Ordinary tables, which Prisma counts, but for those of PostGIS (P3005); no views and no types."""
        return Command(
            "SELECT c.relname::pg_catalog.text AS name FROM pg_catalog.pg_class AS c "
            "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname <> ALL (%s) ORDER BY 1",
            values=(self.table[0], list(_POSTGIS)),
        )

    @property
    def read(self) -> Command:
        """All rows in the order in which they were started."""
        return Command(
            "SELECT id::pg_catalog.text, checksum::pg_catalog.text, finished_at::pg_catalog.text, "
            "migration_name::pg_catalog.text, logs::pg_catalog.text, rolled_back_at::pg_catalog.text, "
            "m.started_at::pg_catalog.text, applied_steps_count::pg_catalog.text "
            "FROM {table} AS m ORDER BY m.started_at",
            {"table": self.table},
        )

    @property
    def head(self) -> Command:
        """How many rows there are, and the transactions that wrote them."""
        return heads.head(self.table)

    def interpret(self, rows: Sequence[Mapping[str, str | None]]) -> tuple[LedgerRow, ...]:
        """Name, checksum, and whether it is applied: finished and not rolled back."""
        return tuple(
            LedgerRow(
                row["migration_name"],
                row["migration_name"] or "",
                row["migration_name"] or "",
                row["checksum"],
                row["finished_at"] is not None and row["rolled_back_at"] is None,
                row,
            )
            for row in rows
        )

    def started(self, migration: Migration) -> tuple[Command, ...]:
        """The row of a migration that has begun, unless a run that we resume has written it already."""
        return (
            Command(
                "INSERT INTO {table} (id, checksum, started_at, migration_name) "
                "SELECT %s::pg_catalog.varchar, %s::pg_catalog.varchar, pg_catalog.clock_timestamp(), "
                "%s::pg_catalog.varchar WHERE NOT EXISTS (SELECT FROM {table} WHERE migration_name = %s "
                "AND checksum = %s AND finished_at IS NULL AND rolled_back_at IS NULL)",
                {"table": self.table},
                (self.new_id(), migration.checksum, migration.script, migration.script, migration.checksum),
            ),
        )

    def finished(self, migration: Migration, duration_ms: Milliseconds) -> tuple[Command, ...]:
        """One step more, then the time: two commands, as Prisma sends them."""
        where = {"table": self.table}
        return (
            Command(
                "UPDATE {table} SET applied_steps_count = applied_steps_count + 1 "
                "WHERE migration_name = %s AND finished_at IS NULL AND rolled_back_at IS NULL",
                where,
                (migration.script,),
            ),
            Command(
                "UPDATE {table} SET finished_at = pg_catalog.clock_timestamp() "
                "WHERE migration_name = %s AND finished_at IS NULL AND rolled_back_at IS NULL",
                where,
                (migration.script,),
            ),
        )

    def undone(self, migration: Migration, previous: Migration | None) -> tuple[Command, ...]:
        """Remove the row: Prisma has no word for an applied migration that was taken back.

        A finished row with rolled_back_at would be applied again by ``deploy`` but refused by ``resolve``.
        """
        return (
            Command(
                "DELETE FROM {table} WHERE migration_name = %s AND finished_at IS NOT NULL "
                "AND rolled_back_at IS NULL",
                {"table": self.table},
                (migration.script,),
            ),
        )

    def baseline(
        self, release: Release, history: History, version: str, description: str | None = None
    ) -> tuple[Command, ...]:
        """``resolve --applied`` of every migration up to ``version``; Prisma keeps no descriptions."""
        covered = release.migrations[: last_wanted(release, version)]
        names = [row.script for row in history.rows if row.success]
        if names == [migration.script for migration in covered]:
            return ()
        if history.rows:
            raise problems.has_rows(self.table, version)
        return tuple(self._resolved(migration) for migration in covered)

    def repair(
        self, release: Release, history: History, *, applied: str | None = None
    ) -> tuple[Amendment, ...]:
        """``resolve --rolled-back`` of what failed, ``resolve --applied`` of ``applied``, failed or not begun.

        A checksum that is not that of the file becomes so: Prisma has no act for that, but asks for it (in
        ``migrate dev``).
        """
        failed = [row.script for row in history.rows if is_unfinished(row)]
        amendments: list[Amendment] = []
        if applied is not None:
            amendments.append(self._applied(_to_resolve(release, history, applied), applied in failed))
        amendments += [
            Amendment(f"{name} counts as rolled back", (self._rolled_back(name),))
            for name in dict.fromkeys(failed)
            if name != applied
        ]
        return (*amendments, *self._aligned(release, history))

    def _applied(self, migration: Migration, failed: bool) -> Amendment:
        before = (self._rolled_back(migration.script),) if failed else ()
        return Amendment(f"{migration.label} counts as applied", (*before, self._resolved(migration)))

    def _aligned(self, release: Release, history: History) -> Iterator[Amendment]:
        for row in history.rows:
            migration = release.find(row.script)
            if row.success and migration is not None and not is_checksum_of(migration, row.checksum):
                aligned = Command(
                    "UPDATE {table} SET checksum = %s WHERE id = %s",
                    {"table": self.table},
                    (migration.checksum, row.raw["id"]),
                )
                yield Amendment(f"{migration.label} counts with the checksum that its file has", (aligned,))

    def _rolled_back(self, name: str) -> Command:
        return Command(
            "UPDATE {table} SET rolled_back_at = pg_catalog.clock_timestamp() "
            "WHERE migration_name = %s AND finished_at IS NULL AND rolled_back_at IS NULL",
            {"table": self.table},
            (name,),
        )

    def _resolved(self, migration: Migration) -> Command:
        """A row as Prisma's resolve writes it: no step was counted, the log is an empty text."""
        return Command(
            "INSERT INTO {table} (id, checksum, started_at, finished_at, migration_name, logs, "
            "applied_steps_count) SELECT %s::pg_catalog.varchar, %s::pg_catalog.varchar, t.now, t.now, "
            "%s::pg_catalog.varchar, '', 0 FROM (SELECT pg_catalog.clock_timestamp() AS now) AS t",
            {"table": self.table},
            (self.new_id(), migration.checksum, migration.script),
        )


def _to_resolve(release: Release, history: History, name: str) -> Migration:
    """The migration that ``resolve --applied`` is to take as applied, under Prisma's own conditions."""
    migration = release.find(name)
    if migration is None:
        raise problems.no_such_target(
            name, release.migrations[-1].label if release.migrations else "none at all"
        )
    if any(row.script == name and row.raw["finished_at"] is not None for row in history.rows):
        raise problems.not_failed(name)
    return migration
