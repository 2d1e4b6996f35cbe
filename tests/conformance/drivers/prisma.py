"""The real Prisma. It has no way back: what a rollback of ours must equal is done by hand."""

import re
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import sql

from pipeline.formats.model import Disposition, MigrationState
from tests.conformance.driver import DONE, Place, Row, Verb, first_failing
from tests.support.commands import Ended
from tests.support.real_prisma import missing_prisma, prisma, resolve_rolled_back

RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
COLUMNS = """
select id, checksum, finished_at is not null, migration_name, logs is null, logs = '',
       rolled_back_at is not null, started_at <= coalesce(finished_at, started_at),
       applied_steps_count = 0 and started_at = finished_at, applied_steps_count
  from {} order by started_at, migration_name
"""


class Prisma:
    """Its command line, over an adapter (tests/support/tools/prisma)."""

    @property
    def missing(self) -> str | None:
        return missing_prisma()

    def theirs(self, place: Place, command: str) -> Ended:
        schema = place.schemas[0]
        match shlex.split(command):
            case ["resolve", "--rolled-back", name]:
                return resolve_rolled_back(place.target, place.migrations, name, schema=schema)
            case arguments:
                return prisma(place.target, place.migrations, "migrate", *arguments, schema=schema)

    def same(self, place: Place, verb: Verb) -> Ended:
        match verb.name, verb.label:
            case "migrate", None:
                return self.theirs(place, "deploy")
            case "migrate", str(label):
                return self._deploy_to(place, label)
            case "rollback", str(label):
                return self._back_to(place, label)
            case "baseline", str(label):
                upto = [name for name in _folders(place) if name <= label]
                return first_failing([_resolve(self, place, "applied", name) for name in upto])
            case "repair", str(label):
                return self.theirs(place, f"resolve --applied {label}")
            case _:
                failed = [str(row[2]) for row in self.rows(place) if not row[1] and not row[5]]
                return first_failing([_resolve(self, place, "rolled-back", name) for name in failed])

    def rows(self, place: Place) -> list[Row]:
        table = sql.Identifier(place.schemas[0], "_prisma_migrations")
        found = place.ask(sql.SQL(COLUMNS).format(table))
        assert all(RANDOM.fullmatch(str(row[0])) for row in found), found
        return [row[1:] for row in found]

    def disagreements(self, place: Place, states: Sequence[MigrationState]) -> list[str]:
        ended = self.theirs(place, "status")
        said = ended.out + ended.err
        behind = _listed(said, "not yet been applied:")
        failed = _listed(said, "have failed:")
        lost = _listed(said, "not found locally in prisma/migrations:")
        ours = [_label(one) for one in states if one.state == "Pending" and not _was_rolled_back(one, states)]
        stuck = sorted(_label(one) for one in states if one.state == "Failed")
        if lost and sorted(lost) != sorted(_label(one) for one in states if one.migration is None):
            return [f"prisma does not find {lost}, we {[_label(one) for one in states]}"]
        if behind != ours:
            return [f"prisma says {behind} are not applied, we say {ours}"]
        if not behind and sorted(failed) != stuck:  # Prisma tells of failures only where nothing else waits
            return [f"prisma says {failed} failed, we say {stuck}"]
        return []

    def _deploy_to(self, place: Place, label: str) -> Ended:
        with TemporaryDirectory() as scratch:
            part = Path(scratch) / "migrations"
            shutil.copytree(place.migrations, part)
            for name in _folders(place):
                if name > label:
                    shutil.rmtree(part / name)
            return self.theirs(replace(place, migrations=part), "deploy")

    def _back_to(self, place: Place, label: str) -> Ended:
        table = sql.Identifier(place.schemas[0], "_prisma_migrations")
        for row in reversed(self.rows(place)):
            name = str(row[2])
            if row[1] and not row[5] and (label == "base" or name > label):
                place.do((place.migrations / name / "down.sql").read_text())
                away = sql.SQL("delete from {} where migration_name = {}")
                place.ask(away.format(table, sql.Literal(name)))
        return DONE


def _resolve(driver: Prisma, place: Place, word: str, name: str) -> Callable[[], Ended]:
    return lambda: driver.theirs(place, f"resolve --{word} {name}")


def _folders(place: Place) -> list[str]:
    return sorted(entry.name for entry in place.migrations.iterdir() if entry.is_dir())


def _listed(text: str, heading: str) -> list[str]:
    """The names in the paragraph under a heading."""
    _, found, rest = text.partition(heading)
    return rest.lstrip("\n").partition("\n\n")[0].split() if found else []


def _label(state: MigrationState) -> str:
    if state.migration is not None:
        return state.migration.label
    return state.row.script if state.row else ""


def _was_rolled_back(state: MigrationState, states: Sequence[MigrationState]) -> bool:
    """Prisma 6 does not count a migration as waiting that was marked as rolled back, though it applies it."""
    return any(
        other.state == "Rolled Back"
        and other.disposition is Disposition.IGNORED
        and _label(other) == _label(state)
        for other in states
    )
