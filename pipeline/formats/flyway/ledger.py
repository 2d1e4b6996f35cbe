"""flyway_schema_history, exactly as Flyway creates and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.formats import heads
from pipeline.formats.flyway.naming import version
from pipeline.formats.interface import LedgerRow, Migration
from pipeline.sql.command import Command
from pipeline.sql.identifiers import quote

_LOCK_MAGIC = int.from_bytes(b"Flyway", "big")
_LONGEST_DESCRIPTION = 200
_LONGEST_SCRIPT = 1000


@dataclass(frozen=True)
class FlywayLedger:
    """The ledger in one schema; ``installed_by`` overrides the database's current_user."""

    table: tuple[str, str]
    installed_by: str | None = None

    def lock_key(self, database: str) -> int:
        """Flyway's key: its name as a number, plus Java's hash of the quoted table name."""
        return _LOCK_MAGIC + _java_hash(".".join(map(quote, self.table)))

    @property
    def create(self) -> tuple[Command, ...]:
        """The table, its primary key and its index, in Flyway's order."""
        table = {"table": self.table}
        name = self.table[1]
        return (
            Command(
                'CREATE TABLE {table} ("installed_rank" INT NOT NULL, "version" VARCHAR(50), '
                '"description" VARCHAR(200) NOT NULL, "type" VARCHAR(20) NOT NULL, '
                '"script" VARCHAR(1000) NOT NULL, "checksum" INTEGER, "installed_by" VARCHAR(100) NOT NULL, '
                '"installed_on" TIMESTAMP NOT NULL DEFAULT pg_catalog.now(), '
                '"execution_time" INTEGER NOT NULL, "success" BOOLEAN NOT NULL)',
                table,
            ),
            Command(
                'ALTER TABLE {table} ADD CONSTRAINT {key} PRIMARY KEY ("installed_rank")',
                {**table, "key": (f"{name}_pk",)},
            ),
            Command('CREATE INDEX {index} ON {table} ("success")', {**table, "index": (f"{name}_s_idx",)}),
        )

    @property
    def read(self) -> Command:
        """All rows by rank."""
        return Command(
            'SELECT "installed_rank"::pg_catalog.text, "version"::pg_catalog.text, '
            '"description"::pg_catalog.text, "type"::pg_catalog.text, "script"::pg_catalog.text, '
            '"checksum"::pg_catalog.text, "installed_by"::pg_catalog.text, "installed_on"::pg_catalog.text, '
            '"execution_time"::pg_catalog.text, "success"::pg_catalog.text '
            'FROM {table} AS h ORDER BY h."installed_rank"',
            {"table": self.table},
        )

    @property
    def head(self) -> Command:
        """How many rows there are, and the transactions that wrote them."""
        return heads.head(self.table)

    def interpret(self, rows: Sequence[Mapping[str, str | None]]) -> tuple[LedgerRow, ...]:
        """Rank, type and the rest stay in ``raw``."""
        return tuple(
            LedgerRow(
                row["version"],
                row["description"] or "",
                row["script"] or "",
                row["checksum"],
                row["success"] == "true",
                row,
            )
            for row in rows
        )

    def started(self, migration: Migration) -> tuple[Command, ...]:
        """Flyway writes nothing before a migration."""
        return ()

    def finished(self, migration: Migration, duration_ms: int) -> tuple[Command, ...]:
        """One new row, ranked behind all others at the moment it is written."""
        values = (
            migration.version,
            described(migration.name),
            _script(migration.script),
            migration.checksum,
            self.installed_by,
            duration_ms,
        )
        return (
            Command(
                'INSERT INTO {table} ("installed_rank", "version", "description", "type", "script", '
                '"checksum", "installed_by", "execution_time", "success") '
                'SELECT COALESCE(pg_catalog.max("installed_rank"), 0) + 1, %s::pg_catalog.varchar, '
                "%s::pg_catalog.varchar, 'SQL', %s::pg_catalog.varchar, %s::pg_catalog.int4, "
                "COALESCE(%s::pg_catalog.text, CURRENT_USER::pg_catalog.text), %s::pg_catalog.int4, true "
                "FROM {table}",
                {"table": self.table},
                values,
            ),
        )

    def undone(self, migration: Migration, previous: Migration | None) -> tuple[Command, ...]:
        """Remove the row that is undone: the free Flyway cannot read the paid edition's UNDO rows.

        Versions are compared as numbers, since the row may say 1.0 where the file says 1. Of a repeatable, the
        row of its last run goes.
        """
        if migration.version is None:
            return (
                Command(
                    'DELETE FROM {table} WHERE "installed_rank" = '
                    '(SELECT pg_catalog.max("installed_rank") FROM {table} '
                    'WHERE "type" = \'SQL\' AND "version" IS NULL AND "description" = %s)',
                    {"table": self.table},
                    (described(migration.name),),
                ),
            )
        parsed = version(migration.version)
        return (
            Command(
                'DELETE FROM {table} WHERE "installed_rank" = '
                '(SELECT pg_catalog.max("installed_rank") FROM {table} '
                "WHERE \"type\" = 'SQL' AND pg_catalog.regexp_replace(pg_catalog.regexp_replace("
                "\"version\", '(^|\\.)[+]?0*(?=[0-9])', '\\1', 'g'), '(\\.0+)+$', '') = %s)",
                {"table": self.table},
                (parsed.canonical if parsed else migration.version,),
            ),
        )


def described(description: str) -> str:
    """A description as the ledger can hold it."""
    if len(description) <= _LONGEST_DESCRIPTION:
        return description
    return description[: _LONGEST_DESCRIPTION - 3] + "..."


def _script(path: str) -> str:
    return path if len(path) <= _LONGEST_SCRIPT else "..." + path[3:_LONGEST_SCRIPT]


def _java_hash(text: str) -> int:
    """Java's String.hashCode: over UTF-16 units, signed 32-bit."""
    units = text.encode("utf-16-be")
    total = 0
    for at in range(0, len(units), 2):
        total = (31 * total + int.from_bytes(units[at : at + 2], "big")) & 0xFFFF_FFFF
    return total - 0x1_0000_0000 if total & 0x8000_0000 else total
