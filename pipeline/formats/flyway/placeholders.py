"""Replace ``${name}`` everywhere in a script, with Flyway's own reading of prefix and suffix."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.formats.flyway.settings import Settings

_OF_THE_TARGET = frozenset(
    {"user", "database", "timestamp", "workingdirectory", "environment", "defaultschema"}
)


@dataclass(frozen=True)
class Replaced:
    """The text after replacement, and what could not be replaced: offset in the file's text, and why."""

    text: str
    problems: tuple[tuple[int, str], ...] = ()


def replace(text: str, filename: str, settings: Settings) -> Replaced:
    """``text`` with every placeholder replaced; names know no case, values are not looked into again."""
    if not settings.replace or settings.placeholder_prefix not in text:
        return Replaced(text)
    values = _values(filename, settings)
    problems: list[tuple[int, str]] = []

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            if match["open"] is not None:
                problems.append(
                    (match.start(), f"the placeholder is not closed with {settings.placeholder_suffix}")
                )
            return match[0]
        if name.lower() not in values:
            problems.append((match.start(), _missing(name, settings)))
            return match[0]
        return values[name.lower()]

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


def _values(filename: str, settings: Settings) -> Mapping[str, str]:
    own = f"flyway{settings.placeholder_separator}"
    known = {f"{own}filename": filename, f"{own}table": settings.table}
    if settings.default_schema is not None:
        known[f"{own}defaultschema"] = settings.default_schema
    return {**known, **settings.placeholders}


def _missing(name: str, settings: Settings) -> str:
    own = f"flyway{settings.placeholder_separator}"
    shown = f"{settings.placeholder_prefix}{name}{settings.placeholder_suffix}"
    if name.lower().startswith(own) and name.lower().removeprefix(own) in _OF_THE_TARGET:
        return (
            f"{shown} is not built yet: it would make each environment run another text than the rehearsed one"
        )
    return f"no value is given for {shown}"
