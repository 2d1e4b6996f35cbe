"""Flyway's locations: the folders in which its files are, and those in which its jars are."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pipeline.errors import ConfigurationError
from pipeline.formats.flyway.settings import Settings

_WHERE = "migrations.options.locations"
_FOLDER = "filesystem:"
CLASSPATH = "classpath"
_WILDCARDS = frozenset("*?")


def folders(path: Path, settings: Settings) -> tuple[Path, ...]:
    """The folders of migrations, callbacks and jars, relative to the project; one in another counts once.

    Raises ConfigurationError for a location that is no folder of the project.
    """
    named = [each for each in settings.locations or () if not (settings.jar_dirs and scheme(each) == CLASSPATH)]
    wanted = [path] if settings.locations is None else [folder(each) for each in named]
    wanted += [folder(each) for each in (*settings.callback_locations, *settings.jar_dirs)]
    distinct = list(dict.fromkeys(wanted))
    return tuple(
        one for one in distinct if not any(one != other and one.is_relative_to(other) for other in distinct)
    )


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
            f"the location {location} stands for several folders", where=_WHERE, todo="name each of them"
        )
    return Path(location.removeprefix(_FOLDER))


def scheme(location: str) -> str | None:
    """What is before the colon of a location that is no folder (``classpath``, ``s3``); None of a folder."""
    before, colon, _ = location.partition(":")
    return before if colon and "/" not in before and f"{before}:" != _FOLDER else None


def is_below(shown: str, locations: Sequence[str]) -> bool:
    """Whether a file of the project lies in one of these locations."""
    return any(PurePosixPath(shown).is_relative_to(PurePosixPath(folder(each))) for each in locations)
