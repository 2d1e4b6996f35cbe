"""flyway_schema_history, exactly as Flyway creates and writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from posixpath import basename
from typing import LiteralString

from pipeline.formats import heads
from pipeline.formats.flyway import mending, rows
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.flyway.naming import Name, parse, version
from pipeline.formats.flyway.settings import Settings
from pipeline.formats.model import Amendment, History, LedgerRow, Migration, Release
from pipeline.sql.command import Command, Milliseconds
from pipeline.sql.identifiers import quote

_LOCK_MAGIC = int.from_bytes(b"Flyway", "big")
_OCCUPIED: LiteralString = """
SELECT c.relname::pg_catalog.text AS name
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = %s AND c.relkind IN ('r', 'v', 'S', 't')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT t.typname::pg_catalog.text
  FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
 WHERE n.nspname = %s AND t.typcategory NOT IN ('A', 'C')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = t.oid AND d.deptype = 'e')
UNION ALL
SELECT p.proname::pg_catalog.text
  FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
 WHERE n.nspname = %s
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 1
"""
_LIVE = (rows.SQL, rows.SQL_BASELINE)


@dataclass(frozen=True)
class FlywayLedger:
    """The ledger in one schema, as the project's settings want it."""

    table: tuple[str, str]
    settings: Settings = field(default_factory=Settings)
    remembers_bytes: bool = True

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
    def occupied(self) -> Command:
        """What makes a schema no empty one for Flyway.

        Tables, views, sequences, types and functions that belong to no extension do; materialized views,
        partitioned and foreign tables do not.
        """
        return Command(_OCCUPIED, values=(self.table[0],) * 3)

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
        """Flyway writes nothing before a migration, but takes its rank then.

        That matters to a script that changes the ledger itself.
        """
        return (rows.keep_rank(self.table),) if self._is_named_in(migration) else ()

    def finished(self, migration: Migration, duration_ms: Milliseconds) -> tuple[Command, ...]:
        """One new row, ranked behind all others at the moment it is written."""
        row = rows.Row(
            migration.version,
            migration.name,
            migration.type or rows.SQL,
            migration.script,
            migration.checksum,
        )
        own = self.settings.installed_by
        kept = self._is_named_in(migration)
        return (rows.insert(self.table, row, by=own, duration_ms=duration_ms, kept_rank=kept),)

    def _is_named_in(self, migration: Migration) -> bool:
        return self.table[1] in migration.up.sql

    def undone(self, migration: Migration, previous: Migration | None) -> tuple[Command, ...]:
        """Remove the row that is undone: the free Flyway cannot read the paid edition's UNDO rows.

        Where the ledger has such rows already, or the option ``undoRows`` is set, one more is written instead.
        Versions are compared as numbers, since the row may say 1.0 where the file says 1. Of a repeatable, the
        row of its last run goes.
        """
        if migration.version is None:
            return (self._removed_repeatable(migration),)
        undo = None if self.settings.undo_rows is False else self._undo_row(migration)
        if undo is None:
            return (self._removed(migration, unless_undo_rows=False),)
        if self.settings.undo_rows:
            return (undo,)
        return (self._removed(migration, unless_undo_rows=True), undo)

    def _undo_row(self, migration: Migration) -> Command | None:
        """What the paid edition would write; None for a way back that is no file of its own."""
        if migration.down is None:
            return None
        file = migration.down.file
        name = parse(basename(file.path), self.settings)
        if not isinstance(name, Name):
            return None
        text = file.content.decode(self.settings.encoding)
        row = rows.Row(migration.version, name.description, rows.UNDO_SQL, file.path, checksum(text))
        always = self.settings.undo_rows is True
        return rows.insert_undo(self.table, row, by=self.settings.installed_by, always=always)

    def _removed(self, migration: Migration, *, unless_undo_rows: bool) -> Command:
        parsed = version(migration.version or "")
        return Command(
            'DELETE FROM {table} WHERE "installed_rank" = '
            '(SELECT pg_catalog.max("installed_rank") FROM {table} '
            'WHERE "type" = ANY(%s) AND pg_catalog.regexp_replace(pg_catalog.regexp_replace('
            "\"version\", '(^|\\.)[+]?0*(?=[0-9])', '\\1', 'g'), '(\\.0+)+$', '') = %s) "
            "AND NOT (%s AND EXISTS (SELECT FROM {table} WHERE \"type\" = 'UNDO_SQL'))",
            {"table": self.table},
            (list(_LIVE), parsed.canonical if parsed else migration.version, unless_undo_rows),
        )

    def _removed_repeatable(self, migration: Migration) -> Command:
        return Command(
            'DELETE FROM {table} WHERE "installed_rank" = '
            '(SELECT pg_catalog.max("installed_rank") FROM {table} '
            'WHERE "type" = \'SQL\' AND "version" IS NULL AND "description" = %s)',
            {"table": self.table},
            (rows.described(migration.name),),
        )

    def baseline(
        self, release: Release, history: History, version: str, description: str | None = None
    ) -> tuple[Command, ...]:
        """The one row of Flyway's ``baseline``; the release does not matter."""
        words = description or self.settings.baseline_description
        return mending.baseline(self.table, history, version, words, by=self.settings.installed_by)

    def repair(
        self, release: Release, history: History, *, applied: str | None = None
    ) -> tuple[Amendment, ...]:
        """What Flyway's ``repair`` does: failed rows go, missing ones are marked, the others are aligned."""
        return mending.repair(self.table, release, history, self.settings, applied=applied)


@cache
def _java_hash(text: str) -> int:
    """Java's String.hashCode: over UTF-16 units, signed 32-bit."""
    units = text.encode("utf-16-be")
    total = 0
    for at in range(0, len(units), 2):
        total = (31 * total + int.from_bytes(units[at : at + 2], "big")) & 0xFFFF_FFFF
    return total - 0x1_0000_0000 if total & 0x8000_0000 else total
