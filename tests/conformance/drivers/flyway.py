"""The real, free Flyway. It has no undo: what a rollback of ours must equal is done by hand."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import yaml
from psycopg import sql

from pipeline.formats import FORMATS, folder
from pipeline.formats.model import MigrationState
from tests.conformance.driver import DONE, Place, Row, Verb
from tests.support.commands import Ended
from tests.support.real_flyway import Answer, flyway, missing_flyway

COLUMNS = """
select installed_rank, version, description, type, script, checksum, installed_by = current_user,
       execution_time >= 0, success
  from {} order by installed_rank
"""
UNDONE = "delete from {} where installed_rank = {}"
LEDGERS = """
select c.relname
  from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attname = 'installed_rank'
 where c.relnamespace = to_regnamespace({}) and c.relkind = 'r' order by 1
"""
FILES = ("flyway.conf", "flyway.toml", "flyway.user.toml")
NUMBER = re.compile(r"[0-9]+")
OURS_ALONE = frozenset({"undoRows"})


class Flyway:
    """A program with Flyway's own commands; ``migrate -target=2`` sets one of its settings."""

    @property
    def missing(self) -> str | None:
        return missing_flyway()

    def theirs(self, place: Place, command: str) -> Ended:
        verb, *arguments = shlex.split(command)
        given = dict(argument.removeprefix("-").split("=", 1) for argument in arguments)
        answer = _run(place, verb, given)
        return Ended(answer.code, "", answer.said)

    def same(self, place: Place, verb: Verb) -> Ended:
        match verb.name, verb.label:
            case "rollback", str(label):
                return self._back_to(place, label)
            case "baseline", str(label):
                return self.theirs(place, f"baseline -baselineVersion={label}")
            case "migrate", str(label):
                return self.theirs(place, f"migrate -target={label}")
            case name, _:
                return self.theirs(place, name)

    def rows(self, place: Place) -> list[Row]:
        return place.ask(sql.SQL(COLUMNS).format(_table(place)))

    def disagreements(self, place: Place, states: Sequence[MigrationState]) -> list[str]:
        answer = _run(place, "info", {})
        ours = [_line(state) for state in states]
        if answer.code:
            stops = _unreadable(states) or _refused(place)
            return [] if stops else [f"info fails, we show {ours}: {answer.said}"]
        theirs = [f"{line['version']} {line['description']}: {line['state']}" for line in answer.table]
        return [] if ours == theirs else [f"info says {theirs}, we say {ours}"]

    def _back_to(self, place: Place, label: str) -> Ended:
        """Run the undo scripts by hand, and take the rows out."""
        for row in reversed(self.rows(place)):
            if row[1] is None or (label != "base" and _key(str(row[1])) <= _key(label)):
                continue
            (script,) = place.migrations.rglob(f"U{str(row[1]).replace('.', '[._]')}__*.sql")
            place.ask(script.read_text())
            place.ask(sql.SQL(UNDONE).format(_table(place), sql.Literal(row[0])))
        return DONE


def _run(place: Place, command: str, given: Mapping[str, str]) -> Answer:
    project = cast(
        "dict[str, dict[str, object]]", yaml.safe_load((_root(place) / "environments.yaml").read_text())
    )
    late = project["migrations"].get("out_of_order", "deny") != "deny"
    own = {
        name: _setting(place, name, value) for name, value in place.options.items() if name not in OURS_ALONE
    }
    placeholders = cast("Mapping[str, object]", place.options.get("placeholders", {}))
    own |= {f"placeholders.{name}": str(value) for name, value in placeholders.items()}
    own.pop("placeholders", None)
    schemas = {} if place.schemas == ["public"] else {"schemas": ",".join(place.schemas)}
    settings = {"outOfOrder": str(late).lower(), **schemas, **own, **given}
    files = [_root(place) / name for name in FILES]
    return flyway(place.target, place.migrations, command, settings, files)


def _setting(place: Place, name: str, value: object) -> str:
    """An option as Flyway's own settings write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if name not in {"locations", "callbackLocations"}:
        return ",".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)
    named = str(value).split(",") if isinstance(value, str) else cast("list[str]", value)
    return ",".join(f"filesystem:{_root(place)}/{each.removeprefix('filesystem:')}" for each in named)


def _root(place: Place) -> Path:
    return place.migrations.parent


def _table(place: Place) -> sql.Identifier:
    """The ledger, whatever it is called: which name that must be is compared with the rest of the schema."""
    schema = str(place.options.get("defaultSchema", place.schemas[0]))
    found = place.ask(sql.SQL(LEDGERS).format(sql.Literal(f'"{schema}"')))
    return sql.Identifier(schema, str(found[0][0]) if found else "flyway_schema_history")


def _key(version: str) -> list[int]:
    return [int(number) for number in NUMBER.findall(version)]


def _unreadable(states: Sequence[MigrationState]) -> bool:
    """Whether there are rows at which the free Flyway stops: foreign ones, or the paid edition's."""
    rules = {state.finding.rule for state in states if state.finding}
    types = {state.row.raw.get("type") for state in states if state.row}
    return "foreign-row" in rules or "UNDO_SQL" in types


def _refused(place: Place) -> bool:
    """Whether we too refuse the files."""
    reading = folder.read_release(FORMATS["flyway"], _root(place), place.migrations, place.options)
    return any(finding.refuses for finding in reading.findings)


def _line(state: MigrationState) -> str:
    about = state.row or state.migration
    return f"{about.version if about else None} {about.name if about else None}: {state.state}"
