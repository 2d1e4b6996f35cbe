"""Replace ``${name}`` everywhere in a script, with Flyway's own reading of prefix and suffix."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from pipeline.formats.flyway.settings import Settings
from pipeline.formats.model import NOWHERE, Surroundings

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)

_DATABASE = {"user": "user", "database": "dbname"}
"""Flyway's placeholders that the connection answers, and libpq's names of the parameters."""


class Replaced(NamedTuple):
    """The text after replacement, and what could not be replaced: offset in the file's text, and why."""

    text: str
    problems: tuple[tuple[int, str], ...] = ()


def replace(text: str, filename: str, settings: Settings, place: Surroundings = NOWHERE) -> Replaced:
    """``text`` with every placeholder replaced; names know no case, values are not looked into again."""
    if not settings.replace or settings.placeholder_prefix not in text:
        return Replaced(text)
    values = _Values(filename, settings, place)
    problems: list[tuple[int, str]] = []

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            if match["open"] is not None:
                problems.append(
                    (match.start(), f"the placeholder is not closed with {settings.placeholder_suffix}")
                )
            return match[0]
        known = values.get(name.lower())
        if known is None:
            shown = f"{settings.placeholder_prefix}{name}{settings.placeholder_suffix}"
            problems.append((match.start(), f"no value is given for {shown}"))
            return match[0]
        return known

    replaced = _pattern(settings).sub(value, text)
    return Replaced(replaced, tuple(problems))


def _pattern(settings: Settings) -> re.Pattern[str]:
    """A placeholder, or the beginning of a prefix that goes on otherwise.

    Flyway reads such a false start together with the character that ended it, so that ``$${x}`` is left as it
    is; scripts rely on that to write a literal ``${x}``.
    """
    prefix, suffix = re.escape(settings.placeholder_prefix), re.escape(settings.placeholder_suffix)
    false_starts = (
        re.escape(settings.placeholder_prefix[:length]) + f"[^{re.escape(settings.placeholder_prefix[length])}]"
        for length in range(1, len(settings.placeholder_prefix))
    )
    return re.compile("|".join((f"(?P<open>{prefix})(?:(?P<name>.*?){suffix})?", *false_starts)), re.DOTALL)


class _Values(NamedTuple):
    """The value of each name; Flyway's own ones win. Where no database is meant, a word stands for its own."""

    filename: str
    settings: Settings
    place: Surroundings

    def get(self, name: str) -> str | None:
        own = name.removeprefix(f"flyway{self.settings.placeholder_separator}".lower())
        if own != name and own in _DATABASE:
            return self._of_the_database(own)
        known = self._of_flyway.get(own) if own != name else None
        return self.settings.placeholders.get(name) if known is None else known

    @property
    def _of_flyway(self) -> Mapping[str, str]:
        return {
            "filename": self.filename,
            "table": self.settings.table,
            "environment": self.settings.environment,
            "defaultschema": self.settings.default_schema or self.place.schema,
            "workingdirectory": self.place.folder or ".",
            "timestamp": f"{self.place.at or _NEVER:%Y-%m-%d %H:%M:%S}",
        }

    def _of_the_database(self, name: str) -> str | None:
        if self.place.connection is None:
            return f"flyway_{name}"
        return self.place.connection().get(_DATABASE[name])
