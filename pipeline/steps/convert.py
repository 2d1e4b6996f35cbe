"""Write the project's migrations in another tool's layout: all of them, or nothing."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

from pipeline.config.project import Project
from pipeline.errors import ConfigurationError, Refused
from pipeline.findings import Finding, Location, Severity
from pipeline.formats import FORMATS
from pipeline.formats.conversion.convert import Converted, convert
from pipeline.formats.conversion.note import NAME, note
from pipeline.formats.model import Reading, Release, Surroundings
from pipeline.steps.release import must_be_readable, options_of, read_release


@dataclass(frozen=True)
class Written:
    """What was written where, and everything that was noticed on the way."""

    place: Path
    converted: Converted
    findings: tuple[Finding, ...]


def write(project: Project, to: str, place: Path) -> Written:
    """The project's migrations in the layout of the format ``to``, in the new folder ``place``.

    Raises ConfigurationError where that folder is not free, and Refused, with nothing written, where the
    migrations cannot be read, or where something of them would be lost.
    """
    migrations = project.migrations
    if to == migrations.format:
        raise ConfigurationError(
            f"the migrations are in the layout of {to} already",
            where=str(project.file),
            todo=f"convert to {' or '.join(name for name in FORMATS if name != to)}",
        )
    options = options_of(project)
    _must_be_free(project, place, options)
    reading = _read_here_and_there(project)
    must_be_readable(reading.findings)
    converted = convert(reading, FORMATS[to])
    _must_lose_nothing(converted.findings)
    table = FORMATS[migrations.format].ledger(migrations.schemas[0], options).table
    _write_whole(place, {**converted.files, NAME: note(reading.release, table, converted.moved)})
    return Written(place, converted, (*reading.findings, *converted.findings))


def _must_be_free(project: Project, place: Path, options: Mapping[str, object]) -> None:
    """Not there, or empty; and no tool takes what is written there for a part of the old migrations."""
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise ConfigurationError(f"{place} is no folder", todo="name one that is not there yet")
    if place.is_dir() and any(place.iterdir()):
        raise ConfigurationError(
            f"{place} is not empty",
            why="what is converted is written into a folder of its own, and overwrites nothing",
            todo="name a folder that is not there yet",
        )
    migrations = project.migrations
    path = (
        migrations.path.relative_to(project.root)
        if migrations.path.is_relative_to(project.root)
        else migrations.path
    )
    for each in FORMATS[migrations.format].folders(path, options):
        if place.resolve().is_relative_to((project.root / each).resolve()):
            raise ConfigurationError(
                f"{place} lies in the folder of the migrations that are to be converted",
                where=str(each),
                todo="name a folder beside it",
            )


def _read_here_and_there(project: Project) -> Reading:
    """The release; a script that says something else in another place cannot be written down once for all."""
    here, there = (read_release(project, _somewhere(project, at)) for at in (1, 2))
    return Reading(here.release, (*here.findings, *_depending(here.release, there.release)))


def _somewhere(project: Project, at: int) -> Surroundings:
    return Surroundings(
        schema=project.migrations.schemas[0],
        folder=f"/{at}",
        at=datetime(2000, 1, at, tzinfo=UTC),
        connection=lambda: {"user": f"user {at}", "dbname": f"database {at}"},
    )


def _depending(here: Release, there: Release) -> Iterator[Finding]:
    for one, other in zip(here.migrations, there.migrations, strict=False):
        down, other_down = one.down, other.down
        if one.up.sql != other.up.sql or (down and other_down and down.sql != other_down.sql):
            message = "its text depends on where and when it runs (flyway:user, flyway:timestamp, …)"
            hint = "ask the server instead: current_user, current_database(), now()"
            yield Finding("convert", Severity.ERROR, message, Location(one.up.file.shown), hint)


def _must_lose_nothing(findings: Sequence[Finding]) -> None:
    lost = [finding for finding in findings if finding.refuses]
    if lost:
        raise Refused(
            "not everything can go over",
            where=", ".join(dict.fromkeys(str(finding.location) for finding in lost)),
            why="; ".join(dict.fromkeys(finding.message for finding in lost)),
            todo="; ".join(dict.fromkeys(finding.hint for finding in lost if finding.hint)),
        )


def _write_whole(place: Path, files: Mapping[str, bytes]) -> None:
    """Beside the place, then renamed. Raises ConfigurationError where that cannot be."""
    draft = place.with_name(f".{place.name}.{secrets.token_hex(8)}")
    try:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir()
        for path, content in files.items():
            file = draft / path
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        draft.rename(place)
    except OSError as error:
        rmtree(draft, ignore_errors=True)
        raise ConfigurationError(
            f"{place} cannot be written",
            why=error.strerror or str(error),
            todo="name a folder in a place where you may write",
        ) from error
