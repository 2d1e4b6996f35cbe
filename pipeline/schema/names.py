"""Names of objects that carry the name of what they are a part of: ``public.orders.total``."""

import re

NESTED = frozenset({"column", "attribute", "constraint", "domain constraint", "trigger", "rule", "policy"})
"""Kinds whose names begin with the name of their table, view, type or domain."""

_FIRST = re.compile(r'(?s)("(?:[^"]|"")*"|[^\W\d][\w$]*)\.(.*)')
_LAST = re.compile(r'(?s)(.*)\.("(?:[^"]|"")*"|[^".]*)')


def split_name(name: str) -> tuple[str, str]:
    """``public.orders`` and ``total`` of ``public.orders.total``; dots within quotes are part of a name.

    Raises ValueError when there is no dot to split at.
    """
    parts = _LAST.fullmatch(name)
    if parts is None:
        raise ValueError(f"not a qualified name: {name}")
    return parts[1], parts[2]


def split_schema(name: str) -> tuple[str, str] | None:
    """``public`` and ``f(sales.state)`` of ``public.f(sales.state)``; None for a name without a schema."""
    parts = _FIRST.fullmatch(name)
    return (parts[1], parts[2]) if parts is not None else None


def last_part(name: str) -> str:
    """``total`` of ``public.orders.total``; a name without dots is its own last part."""
    parts = _LAST.fullmatch(name)
    return parts[2] if parts is not None else name
