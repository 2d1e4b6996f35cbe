"""Differences that are the server's own: one major prints the same thing otherwise than another.

Each is recognised from both texts alone, and only where they mean the same whatever the majors are, so that
nothing of anybody's can hide behind it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from pipeline.schema.names import last_part

_NAME = r'(?:"(?:[^"]|"")*"|[^\W\d][\w$]*)'
_TOKEN = re.compile(rf"(?s)'(?:[^']|'')*'|(?P<path>{_NAME}(?:\.{_NAME})*)|.")
_QUALIFIED = re.compile(rf"(?s)(?P<table>{_NAME})\.(?P<column>{_NAME})")
_SOURCE = re.compile(
    rf"(?:\b(?:FROM|JOIN) \(*(?:ONLY )?(?P<source>{_NAME}(?:\.{_NAME})*)|\))(?: (?P<alias>{_NAME}))?"
)


def reason(kind: str, name: str, before: str, after: str) -> str | None:
    """Why a property differs although nobody changed it; None where somebody did."""
    for why, same in _OWN.get((kind, name), {}).items():
        if same(before, after):
            return why
    return None


def _needlessly_qualified(before: str, after: str) -> bool:
    """Whether one text says the name of the only table before some columns, and the other does not."""
    tables = (_qualifiers(before) ^ _qualifiers(after)) & _rows(before) & _rows(after)
    return any(_without(before, table) == _without(after, table) for table in tables)


def _qualifiers(text: str) -> set[str]:
    """What stands before columns, and before the names of tables."""
    paths = (match["path"] for match in _TOKEN.finditer(text) if match["path"] is not None)
    found = (_QUALIFIED.fullmatch(path) for path in paths)
    return {match["table"] for match in found if match is not None}


def _rows(text: str) -> set[str]:
    """What the rows of tables, functions and queries are called, if no schema is called so."""
    sources = [(match["source"], match["alias"]) for match in _SOURCE.finditer(text)]
    schemas = {source.partition(".")[0] for source, _ in sources if source and "." in source}
    return {alias or last_part(source) for source, alias in sources if alias or source} - schemas


def _without(text: str, table: str) -> str:
    return "".join(_bare(match, table) for match in _TOKEN.finditer(text))


def _bare(token: re.Match[str], table: str) -> str:
    called = token.string.startswith("(", token.end())
    qualified = None if called else _QUALIFIED.fullmatch(token["path"] or "")
    return qualified["column"] if qualified is not None and qualified["table"] == table else token[0]


_UNQUALIFIED: Final = {
    "since 16, the server prints a view's columns without its only table": _needlessly_qualified
}
_OWN: Final[Mapping[tuple[str, str], Mapping[str, Callable[[str, str], bool]]]] = {
    ("view", "definition"): _UNQUALIFIED,
    ("materialized view", "definition"): _UNQUALIFIED,
}
"""By kind and property: the reason, and how it is recognised."""
