"""Which version comes next, in the style of those that are there: a number, padded or dotted, or a time."""

import re
from datetime import UTC, datetime

from pipeline.errors import ConfigurationError

_LAST_NUMBER = re.compile(r"[0-9]+$")
_STAMPS = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 8: "%Y%m%d"}
_UNIX_DIGITS = 10
_NOT_IN_A_NAME = re.compile(r"[^\w-]+")


def successor(last: str, now: datetime) -> str:
    """The version behind ``last``: the time now where ``last`` is one, else its last number and one more."""
    stamp = _stamp(last, now)
    if stamp is not None and int(stamp) > int(last):
        return stamp
    return _LAST_NUMBER.sub(lambda number: str(int(number[0]) + 1).zfill(len(number[0])), last)


def words(name: str) -> str:
    """A description as part of a file name: ``add the index`` becomes ``add_the_index``.

    Raises ConfigurationError where nothing of it is left.
    """
    made = slug(name)
    if not made:
        raise ConfigurationError(
            f"{name!r} is no name for a migration", todo="say in a few words what it changes"
        )
    return made


def slug(name: str) -> str:
    """The same, empty where nothing is left."""
    return _NOT_IN_A_NAME.sub("_", name.strip()).strip("_")


def moment(version: str) -> datetime | None:
    """The point in time that a version is in one of the usual ways of writing one, in UTC."""
    if _is_unix_time(version):
        return datetime.fromtimestamp(int(version), UTC)
    pattern = _STAMPS.get(len(version)) if version.isdecimal() and version.isascii() else None
    if pattern is None or not _is_time(version, pattern):
        return None
    return datetime.strptime(version, pattern).replace(tzinfo=UTC)


def _stamp(last: str, now: datetime) -> str | None:
    if not last.isdecimal():
        return None
    if _is_unix_time(last):
        return str(int(now.timestamp()))
    pattern = _STAMPS.get(len(last))
    return f"{now.astimezone(UTC):{pattern}}" if pattern and _is_time(last, pattern) else None


def _is_unix_time(version: str) -> bool:
    return len(version) == _UNIX_DIGITS and version.isdecimal() and version.startswith(("1", "2"))


def _is_time(text: str, pattern: str) -> bool:
    try:
        return datetime.strptime(text, pattern).replace(tzinfo=UTC).year > 1990  # noqa: PLR2004  # before SQL files
    except ValueError:
        return False
