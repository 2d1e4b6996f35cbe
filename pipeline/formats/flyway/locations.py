"""Flyway's locations: the folders in which its files are, and those in which its jars are."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from pipeline.errors import ConfigurationError
from pipeline.formats.flyway.settings import Settings
from pipeline.formats.model import SourceFile

_WHERE = "migrations.options.locations"
_FOLDER = "filesystem:"
CLASSPATH = "classpath"
_WILDCARDS = frozenset("*?")
_MEANT = {"**/": "(?:[^/]+/)*?", "*": "[^/]+", "?": "[^/]"}


def folders(path: Path, settings: Settings) -> tuple[Path, ...]:
    """The folders of migrations, callbacks and jars, relative to the project; one in another counts once.

    Raises ConfigurationError for a location that is no folder of the project.
    """
    wanted = [path] if settings.locations is None else [_root(each) for each in _on_disk(settings)]
    wanted += [folder(each) for each in (*settings.callback_locations, *settings.jar_dirs)]
    distinct = list(dict.fromkeys(wanted))
    return tuple(
        one for one in distinct if not any(one != other and one.is_relative_to(other) for other in distinct)
    )


def placed(files: Sequence[SourceFile], settings: Settings) -> tuple[SourceFile, ...]:
    """The files that belong to a location, each with its path inside of it.

    Where wildcards stand for folders, the folder that was read is above them, and so may be other files.
    """
    if not any(_WILDCARDS & set(location) for location in _on_disk(settings)):
        return tuple(files)
    return tuple(found for file in files if (found := _placed(file, settings)) is not None)


def _placed(file: SourceFile, settings: Settings) -> SourceFile | None:
    if is_below(file.shown, (*settings.callback_locations, *settings.jar_dirs)):
        return file
    found = (_pattern(location.removeprefix(_FOLDER)).fullmatch(file.shown) for location in _on_disk(settings))
    match = next(filter(None, found), None)
    return None if match is None else file._replace(path=match["inside"])


def _on_disk(settings: Settings) -> Sequence[str]:
    """The locations but for packages in jars."""
    given = settings.locations or ()
    return [each for each in given if not (settings.jar_dirs and scheme(each) == CLASSPATH)]


def _root(location: str) -> Path:
    """The folder of a location; above all of them where wildcards stand for several."""
    if scheme(location) is not None or not _WILDCARDS & set(location):
        return folder(location)
    if re.search(r"\*\*(?!/.)", location):
        raise ConfigurationError(
            f"the location {location} finds nothing",
            where=_WHERE,
            why="to Flyway, ** stands for the folders on the way to another one",
            todo="name that folder behind it, like **/sql, or leave ** out: what is below is read anyway",
        )
    before = folder(re.split(r"[*?]", location, maxsplit=1)[0].rpartition("/")[0])
    if before.is_absolute():
        raise ConfigurationError(
            f"the location {location} is absolute",
            where=_WHERE,
            todo="begin it at the folder of environments.yaml",
        )
    return before


@cache
def _pattern(location: str) -> re.Pattern[str]:
    """What Flyway reads: ``*`` and ``?`` inside of one name, ``**/`` for any folders, or none, on the way."""
    parts = re.split(r"(\*\*/|[*?])", str(PurePosixPath(location)))
    meant = "".join(_MEANT.get(part, re.escape(part)) for part in parts)
    return re.compile(f"{meant}/(?P<inside>.+)")


def folder(location: str) -> Path:
    """The folder that a location names."""
    if (other := scheme(location)) is not None:
        raise ConfigurationError(
            f"the location {location} is no folder",
            where=_WHERE,
            why=f"what lies in {other}: can be read by Flyway itself only",
            todo="name the folder with filesystem: before it (classpath: is often src/main/resources),"
            " or that of the jars in jarDirs",
        )
    if _WILDCARDS & set(location):
        raise ConfigurationError(
            f"{location} stands for several folders", where="migrations.options", todo="name each of them"
        )
    return Path(location.removeprefix(_FOLDER))


def scheme(location: str) -> str | None:
    """What is before the colon of a location that is no folder (``classpath``, ``s3``); None of a folder."""
    before, colon, _ = location.partition(":")
    return before if colon and "/" not in before and f"{before}:" != _FOLDER else None


def is_below(shown: str, locations: Sequence[str]) -> bool:
    """Whether a file of the project lies in one of these locations."""
    return any(PurePosixPath(shown).is_relative_to(PurePosixPath(folder(each))) for each in locations)
