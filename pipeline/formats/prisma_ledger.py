"""_prisma_migrations, exactly as Prisma creates and writes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.formats import heads
from pipeline.formats.interface import LedgerRow, Migration
from pipeline.sql.command import Command

_LOCK_KEY = 72707369
"""Prisma's key is the same for every database and schema."""


@dataclass(frozen=True)
class PrismaLedger:
    """The ledger in one schema; ``new_id`` makes the identifier of a row."""

    table: tuple[str, str]
    new_id: Callable[[], str]

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

    def finished(self, migration: Migration, duration_ms: int) -> tuple[Command, ...]:
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
