"""Which versions migrations have in another layout: their own, wherever its grammar has room for them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from pipeline.formats.flyway.naming import version
from pipeline.formats.model import Kind, Migration
from pipeline.formats.succession import moment

_HIGHEST = 2**63 - 1_000_000
"""Below it there is room for what comes after, also where the numbers are signed."""
_SMALL = 10_000_000
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_STAMP = "%Y%m%d%H%M%S"
_STEPS = {14: timedelta(seconds=1), 12: timedelta(minutes=1), 8: timedelta(days=1)}
_FOLDER = re.compile(r"(?P<number>[0-9]+)(?:[_-](?P<name>.*))?", re.DOTALL)


def numbers(format_name: str, migrations: Sequence[Migration]) -> tuple[int, ...]:
    """A number for each migration, rising.

    Its own where all have one and none falls back behind the one before, else 1, 2, 3 …; two of the same
    number are drawn apart. A repeatable, which has none, comes after the last.
    """
    versioned = [one for one in migrations if one.kind is not Kind.REPEATABLE]
    own = [_number(format_name, one) for one in versioned]
    kept = [number for number in own if number is not None and number < _HIGHEST]
    orderly = len(kept) == len(own) and all(one <= other for one, other in pairwise(kept))
    rising: list[int] = []
    for number in kept if orderly else range(1, len(own) + 1):
        rising.append(number if not rising or number > rising[-1] else _after(rising[-1]))
    for _ in migrations[len(versioned) :]:
        rising.append(_after(rising[-1]) if rising else 1)
    return tuple(rising)


def stamps(rising: Sequence[int]) -> tuple[str, ...]:
    """These numbers as points in time of 14 digits, rising; the same for the same numbers always.

    What is a date or a time stays one, a small number counts seconds of the year 2000.
    """
    made = [_stamp(number) for number in rising]
    known = [stamp for stamp in made if stamp is not None]
    if len(known) == len(made) and all(one < other for one, other in pairwise(known)):
        return tuple(known)
    return tuple(_seconds(at) for at in range(1, len(made) + 1))


def name(format_name: str, migration: Migration) -> str:
    """What a migration is called, without its version."""
    found = _FOLDER.fullmatch(migration.script) if format_name == "prisma" else None
    return migration.name if found is None else found["name"] or ""


def _number(format_name: str, migration: Migration) -> int | None:
    if format_name == "prisma":
        found = _FOLDER.fullmatch(migration.script)
        return int(found["number"]) if found else None
    own = version(migration.version or "")
    return own[0] if own is not None and len(own) == 1 and own[0] >= 0 else None


def _after(number: int) -> int:
    """The next second, minute or day behind one, else the next number."""
    text = str(number)
    at, step = moment(text), _STEPS.get(len(text))
    return number + 1 if at is None or step is None else int(f"{at + step:{_STAMP}}"[: len(text)])


def _stamp(number: int) -> str | None:
    at = moment(str(number))
    if at is not None:
        return f"{at:{_STAMP}}"
    return _seconds(number) if number < _SMALL else None


def _seconds(number: int) -> str:
    return f"{_BEGINNING + timedelta(seconds=number):{_STAMP}}"
