"""Durations and sizes carry their unit: ``50ms``, ``14d``, ``2GiB``, ``50ms..100ms``.

A bare number means milliseconds to one program and seconds to the next; so here it means nothing.
"""

import re
from datetime import timedelta
from typing import Final, NamedTuple

from pipeline.errors import ConfigurationError
from pipeline.shapes.words import did_you_mean, listed, shown

_TIMES: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_BYTES: Final = {
    "B": 1,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "TB": 1000**4,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "TiB": 1024**4,
}
_NUMBER: Final = r"[0-9]{1,6}(?:\.[0-9]{1,3})?"
DURATION_PATTERN: Final = rf"{_NUMBER}({'|'.join(_TIMES)})"
SIZE_PATTERN: Final = rf"{_NUMBER}({'|'.join(_BYTES)})"
RANGE_PATTERN: Final = rf"{DURATION_PATTERN}(\.\.{DURATION_PATTERN})?"

_QUANTITY = re.compile(rf"({_NUMBER})([A-Za-z]*)", re.ASCII)
_LONGEST_TIMEOUT = timedelta(milliseconds=2**31 - 1)
_NEAR_UNITS: Final = {
    "m": "min",
    "sec": "s",
    "hour": "h",
    "day": "d",
    "K": "KiB",
    "KB": "kB",
    "M": "MiB",
    "G": "GiB",
}


class DurationRange(NamedTuple):
    """From the first, patient try to the last: ``50ms..100ms``; one duration stands for both ends."""

    first: timedelta
    last: timedelta


def duration(value: object) -> timedelta:
    """A positive duration, at least a millisecond. Raises ConfigurationError."""
    number, unit = _split(value, _TIMES, "a duration", "15min")
    found = float(number) * _TIMES[unit]
    if found < _TIMES["ms"]:
        raise ConfigurationError(
            "a duration must be at least 1ms", todo="PostgreSQL reads 0 as no limit at all"
        )
    return found


def timeout(value: object) -> timedelta:
    """A duration that a server setting can hold: at most 2^31-1 milliseconds, 24.8 days."""
    found = duration(value)
    if found > _LONGEST_TIMEOUT:
        raise ConfigurationError("a limit must be shorter than 24.8 days", todo="PostgreSQL can hold no more")
    return found


def duration_range(value: object) -> DurationRange:
    """A duration or two with ``..`` between them, the shorter first."""
    if not isinstance(value, str) or ".." not in value:
        single = timeout(value)
        return DurationRange(single, single)
    first, _, last = value.partition("..")
    found = DurationRange(timeout(first), timeout(last))
    if found.first > found.last:
        raise ConfigurationError("a range goes from the shorter to the longer", todo="swap its ends")
    return found


def size(value: object) -> int:
    """A size in bytes; ``GB`` is a power of 1000, ``GiB`` of 1024."""
    number, unit = _split(value, _BYTES, "a size", "2GiB")
    return round(float(number) * _BYTES[unit])


def _split(
    value: object, units: dict[str, timedelta] | dict[str, int], kind: str, example: str
) -> tuple[str, str]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise ConfigurationError(f"{kind} needs a unit; {value} has none", todo=f"write it like {example}")
    if not isinstance(value, str):
        raise ConfigurationError(f"must be {kind}", todo=f"write it like {example}")
    match = _QUANTITY.fullmatch(value)
    if match is None:
        raise ConfigurationError(f"`{shown(value)}` is not {kind}", todo=f"write it like {example}")
    number, unit = match.groups()
    if not unit:
        raise ConfigurationError(f"{kind} needs a unit; {number} has none", todo=f"write it like {example}")
    if unit not in units:
        known = f"use one of {listed(units)}"
        near = did_you_mean(_NEAR_UNITS.get(unit, unit), list(units))
        raise ConfigurationError(f"`{shown(unit)}` is not a unit of {kind}", todo=near or known)
    return number, unit
