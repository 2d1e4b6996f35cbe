"""Differences that are the server's own: one major prints the same thing otherwise than another.

Each is recognised from both texts alone, and only where they mean the same whatever the majors are, so that
nothing of anybody's can hide behind it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_NAME = r'(?:"(?:[^"]|"")*"|[^\W\d][\w$]*)'
_TOKEN = re.compile(rf"(?s)'(?:[^']|'')*'|(?P<path>{_NAME}(?:\.{_NAME})*)|.")
_QUALIFIED = re.compile(rf"(?s)(?P<table>{_NAME})\.(?P<column>{_NAME})")


def reason(kind: str, name: str, before: str, after: str) -> str | None:
    """Why a property differs although nobody changed it; None where somebody did."""
    for why, same in _OWN.get((kind, name), {}).items():
        if same(before, after):
            return why
    return None


def _needlessly_qualified(before: str, after: str) -> bool:
    """Whether one text says the name of the only table before some columns, and the other does not."""
    qualifiers = _qualifiers(before) ^ _qualifiers(after)
    if len(qualifiers) != 1:
        return False
    table = next(iter(qualifiers))
    return _without(before, table) == _without(after, table)


def _qualifiers(text: str) -> set[str]:
    """What stands before columns; names of three parts and more, and what is called, are something else."""
    paths = (match for match in _TOKEN.finditer(text) if match["path"] is not None)
    found = (_QUALIFIED.fullmatch(match["path"]) for match in paths)
    return {match["table"] for match in found if match is not None}


def _without(text: str, table: str) -> str:
    return "".join(_bare(match, table) for match in _TOKEN.finditer(text))


def _bare(token: re.Match[str], table: str) -> str:
    qualified = _QUALIFIED.fullmatch(token["path"] or "")
    return qualified["column"] if qualified is not None and qualified["table"] == table else token[0]


_UNQUALIFIED: Final = {
    "since 16, the server prints a view's columns without its only table": _needlessly_qualified
}
_OWN: Final[Mapping[tuple[str, str], Mapping[str, Callable[[str, str], bool]]]] = {
    ("view", "definition"): _UNQUALIFIED,
    ("materialized view", "definition"): _UNQUALIFIED,
}
"""By kind and property: the reason, and how it is recognised."""
