"""Flyway's locations: the folders in which its files are, and those in which its jars are."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from pipeline.errors import ConfigurationError
from pipeline.formats.flyway.settings import Settings

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


def within(shown: str, settings: Settings) -> str | None:
    """The path of a file inside of the location to which it belongs, where wildcards stand for folders.

    ``shown`` is its path in the project. None for one that belongs to none.
    """
    for location in _on_disk(settings):
        found = _pattern(location.removeprefix(_FOLDER)).fullmatch(shown)
        if found is not None:
            return found["inside"]
    return None


def has_wildcards(settings: Settings) -> bool:
    """Whether a location stands for several folders."""
    return any(_WILDCARDS & set(location) for location in _on_disk(settings))


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
    before = re.split(r"[*?]", location, maxsplit=1)[0]
    return folder(before.rpartition("/")[0])


@cache
def _pattern(location: str) -> re.Pattern[str]:
    """What Flyway reads: ``*`` and ``?`` inside of one name, ``**/`` for any folders, or none, on the way."""
    parts = re.split(r"(\*\*/|[*?])", location.rstrip("/"))
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
