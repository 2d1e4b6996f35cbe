"""Flyway's grammar of file names and versions."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import cache
from typing import NamedTuple, Self

from pipeline.formats.flyway.settings import Settings
from pipeline.formats.model import Kind, Release
from pipeline.formats.succession import successor, words

# fmt: off
_BRACKETED = (
    "Baseline", "Clean", "EachMigrate", "EachMigrateStatement", "EachUndo", "EachUndoStatement", "Info",
    "Migrate", "Repair", "Undo", "Validate",
)
_SINGLE = (
    "afterConnect", "afterMigrateApplied", "afterVersioned", "beforeConnect", "beforeCreateSchema",
    "beforeRepeatables", "createSchema",
)
# fmt: on
EVENTS = frozenset(_SINGLE) | {
    name
    for event in _BRACKETED
    for name in (f"before{event}", f"after{event}", f"after{event}Error", f"after{event}OperationFinish")
}
"""The names of Flyway's callback scripts."""

_SPECIAL = frozenset({"current", "next", "latest", "9223372036854775807"})
_PART = re.compile(r"[+-]?[0-9]+")
_PART_END = re.compile(r"\.(?=[0-9])")
_LONGEST_VERSION = 50


class Version(tuple[int, ...]):  # noqa: SLOT001  # a tuple's slots hold nothing
    """A version as Flyway compares it, number by number (1 = 1.0 = 01); ``text`` is how it is shown and stored.

    It is a tuple because matching files and rows compares versions many times over.
    """

    text: str

    @classmethod
    def of(cls, text: str, numbers: Sequence[int]) -> Self:
        """The version of these numbers that is written like that."""
        made = cls(numbers)
        made.text = text
        return made

    @property
    def canonical(self) -> str:
        """The same text for all equal versions."""
        return ".".join(map(str, self))


@cache
def version(text: str) -> Version | None:
    """The version that ``text`` means, or None: each part a whole number, parts parted by "." or "_"."""
    if text.isdecimal() and text.isascii() and len(text) <= _LONGEST_VERSION:  # as most are
        return Version.of(text, (int(text),))
    normal = text.replace("_", ".")
    parts = _PART_END.split(normal)
    if len(normal) > _LONGEST_VERSION or not all(map(_PART.fullmatch, parts)):
        return None
    numbers = [int(part) for part in parts]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return Version.of(normal, numbers)


class Role(Enum):
    """What a file is for Flyway."""

    VERSIONED = "versioned"
    UNDO = "undo"
    REPEATABLE = "repeatable"
    BASELINE = "baseline"
    CALLBACK = "callback"


class Name(NamedTuple):
    """A file name that Flyway understands; ``prefix`` of a callback is its event."""

    role: Role
    version: Version | None
    description: str
    prefix: str = ""


class Misnamed(NamedTuple):
    """A file name that Flyway does not understand; ``intended`` if it looks like an attempt at a migration."""

    why: str
    intended: bool


def parse(name: str, settings: Settings) -> Name | Misnamed | None:
    """What a file name (without folders) means; None if it has none of the suffixes."""
    stem = without_suffix(name, settings)
    if stem is None:
        return None
    own = (
        settings.versioned_prefix,
        settings.undo_prefix,
        settings.repeatable_prefix,
        settings.baseline_prefix,
    )
    prefixes = _prefixes(*own)
    found = prefixes.any.match(stem)
    if found is None:
        return _stranger(stem, settings)
    prefix = found[0]
    role = prefixes.roles[prefix]
    before, separator, after = stem[len(prefix) :].partition(settings.separator)
    description = after.replace("_", " ")
    if role is Role.CALLBACK:
        return _callback(prefix, before, description, settings)
    if role is Role.REPEATABLE:
        return _repeatable(before, bool(separator), description, settings)
    return _versioned(role, before, bool(separator), description, settings)


class _Prefixes(NamedTuple):
    """What each prefix stands for; ``any`` finds the longest one that fits."""

    roles: Mapping[str, Role]
    any: re.Pattern[str]


@cache
def _prefixes(versioned: str, undo: str, repeatable: str, baseline: str) -> _Prefixes:
    roles = {
        versioned: Role.VERSIONED,
        undo: Role.UNDO,
        repeatable: Role.REPEATABLE,
        baseline: Role.BASELINE,
        **dict.fromkeys(EVENTS, Role.CALLBACK),
    }
    longest_first = sorted(roles, key=len, reverse=True)
    return _Prefixes(roles, re.compile("|".join(map(re.escape, longest_first))))


def next_files(release: Release, name: str, now: datetime, settings: Settings) -> tuple[str, str]:
    """The paths of the next versioned migration and of its undo script."""
    last = next((one for one in reversed(release.migrations) if one.kind is not Kind.REPEATABLE), None)
    folder, text = "", "1"
    if last is not None:
        folder, slash, file = last.up.file.path.rpartition("/")
        folder += slash
        baseline = last.kind is Kind.BASELINE
        stem = file.removeprefix(settings.baseline_prefix if baseline else settings.versioned_prefix)
        bare = without_suffix(stem, settings)
        written = bare.partition(settings.separator)[0] if bare is not None else last.version or ""
        text = successor(written, now)
    rest = f"{text}{settings.separator}{words(name)}{settings.suffixes[0]}"
    return f"{folder}{settings.versioned_prefix}{rest}", f"{folder}{settings.undo_prefix}{rest}"


def without_suffix(name: str, settings: Settings) -> str | None:
    """The name without the first suffix that fits, in any case; None if none does."""
    for suffix in settings.suffixes:
        if name.endswith(suffix) or name.lower().endswith(suffix.lower()):
            return name[: len(name) - len(suffix)]
    return None


def _stranger(stem: str, settings: Settings) -> Misnamed:
    prefixes = (settings.versioned_prefix, settings.undo_prefix, settings.repeatable_prefix)
    lower = [prefix for prefix in prefixes if stem.lower().startswith(prefix.lower())]
    if lower and re.match(r"[0-9_]", stem[len(lower[0]) :]):
        return Misnamed(f"the prefix {lower[0]} is case-sensitive", intended=True)
    if stem[:1].isdigit() or stem.startswith("."):
        return Misnamed(
            f"it does not begin with {' or '.join(prefixes)}", intended=bool(re.search(r"\d", stem))
        )
    return Misnamed(f"it does not begin with {' or '.join(prefixes)}", intended=False)


def _callback(event: str, before: str, description: str, settings: Settings) -> Name | Misnamed:
    if before:
        return Misnamed(f"it does not begin with {settings.versioned_prefix}", intended=False)
    return Name(Role.CALLBACK, None, description, event)


def _repeatable(before: str, separated: bool, description: str, settings: Settings) -> Name | Misnamed:
    if before:
        attempt = bool(re.match(r"[0-9_]", before))
        return Misnamed("a repeatable migration cannot have a version", intended=attempt)
    if not separated:
        return Misnamed(f"the separator {settings.separator} is missing", intended=True)
    return Name(Role.REPEATABLE, None, description)


def _versioned(
    role: Role, before: str, separated: bool, description: str, settings: Settings
) -> Name | Misnamed:
    if before.lower() in _SPECIAL:
        return Misnamed(f'Flyway gives "{before}" a meaning of its own; it is not a version', intended=True)
    parsed = version(before)
    if parsed is not None:
        return Name(role, parsed, description)
    attempt = bool(re.match(r"[0-9_.+-]", before)) or separated
    if len(before) > _LONGEST_VERSION:
        return Misnamed(f"the version is longer than {_LONGEST_VERSION} characters", intended=attempt)
    single = re.match(r"([0-9][0-9._]*)_([A-Za-z].*)", before)
    if single and not separated:
        prefix = settings.versioned_prefix
        right = f"{prefix}{single[1]}{settings.separator}{single[2]}{settings.suffixes[0]}"
        return Misnamed(
            f"one underscore instead of {settings.separator} (did you mean {right}?)", intended=True
        )
    return Misnamed(f'"{before}" is not a version', intended=attempt)
