"""The real golang-migrate."""

import re
import shlex
from collections.abc import Sequence

from psycopg import sql

from pipeline.formats.model import MigrationState
from pipeline.sql import identifiers
from tests.conformance.driver import Place, Row, Verb
from tests.support.commands import Ended
from tests.support.real_migrate import migrate, missing_migrate

NUMBER = re.compile(r"([0-9]+)_.*\.(up|down)\..*")


class GolangMigrate:
    """Its command line; the ledger is one row at most."""

    @property
    def missing(self) -> str | None:
        return missing_migrate()

    def theirs(self, place: Place, command: str) -> Ended:
        options = dict(place.options)
        if place.schemas[0] != "public":
            options["search_path"] = place.schemas[0]
        return migrate(place.target, place.migrations, *shlex.split(command), options=options)

    def same(self, place: Place, verb: Verb) -> Ended:
        match verb.name, verb.label:
            case "migrate", None:
                return self.theirs(place, "up")
            case "rollback", "base":
                return self.theirs(place, "down -all")
            case "migrate" | "rollback", label:
                return self.theirs(place, f"goto {label}")
            case "repair", None:
                return self.theirs(place, f"force -- {self._below_head(place)}")
            case _, label:
                return self.theirs(place, f"force {label}")

    def rows(self, place: Place) -> list[Row]:
        table = sql.Identifier(*self._table(place))
        return place.ask(sql.SQL("select version, dirty from {} order by 1").format(table))

    def disagreements(self, place: Place, states: Sequence[MigrationState]) -> list[str]:
        if not place.ask(
            "select 1 from pg_tables where schemaname = %s and tablename = %s", self._table(place)
        ):
            return []  # to ask would make the table
        said = self.theirs(place, "version").err.strip()
        head = next((state for state in states if state.row is not None and state.row.raw), None)
        ours = "error: no migration"
        if head is not None and head.row is not None and head.row.version != "-1":
            ours = f"{head.row.version}{'' if head.row.success else ' (dirty)'}"
        return [] if said == ours else [f"migrate version says {said!r}, we say {ours!r}"]

    def _table(self, place: Place) -> tuple[str, str]:
        name = str(place.options.get("x-migrations-table", "schema_migrations"))
        if not place.options.get("x-migrations-table-quoted"):
            return place.schemas[0], name
        match identifiers.parse(name):
            case (schema, table):
                return schema, table
            case _:
                return place.schemas[0], name.strip('"')

    def _below_head(self, place: Place) -> int:
        """The version before the one that the ledger names, as a person would find it in the folder."""
        ((head, _),) = self.rows(place)
        found = (NUMBER.fullmatch(file.name) for file in place.migrations.iterdir())
        below = [int(name[1]) for name in found if name and int(name[1]) < int(str(head))]
        return max(below, default=-1)
