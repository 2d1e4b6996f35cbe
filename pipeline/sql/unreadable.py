"""Text that PostgreSQL's grammar rejects: where, and (where we recognise it) what it really is."""

import re

from pipeline.sql.locate import position

_META_COMMAND = re.compile(r"\\(?:[A-Za-z]+|[!?.;])?")
_PLACEHOLDER = re.compile(
    r"""\$\{[^}\n]*\}?|\{\{[^}\n]*\}{0,2}|<%[^\n]*?%>|%\([^)\n]*\)s|:['"]?[A-Za-z_]\w*['"]?"""
)

_LONGEST = 200
"""How many characters of the grammar's complaint are repeated."""


class UnreadableSql(Exception):
    """The grammar rejects the script; ``line`` and ``column`` count from 1, ``offset`` in characters from 0.

    Callers turn this value into a finding: an unreadable file is something seen, not a failure of ours.
    """

    def __init__(self, message: str, line: int, column: int, *, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.offset = offset


def unreadable(text: str, offset: int, said: str) -> UnreadableSql:
    """The error for what the grammar ``said`` about the place ``offset`` (characters) of ``text``."""
    place = position(text, offset)
    return UnreadableSql(_explain(text, offset, said), place.line, place.column, offset=offset)


def _explain(text: str, offset: int, said: str) -> str:
    if (command := _META_COMMAND.match(text, offset)) is not None:
        return f"{command[0]} is a command of psql, not SQL; a server does not know it, so remove it"
    if (placeholder := _PLACEHOLDER.match(text, offset)) is not None:
        return f"{placeholder[0]} looks like a placeholder that nobody replaced"
    if "memory exhausted" in said:
        return "the statement is nested too deeply for PostgreSQL's grammar; split it"
    # Of a string that is never closed, the grammar repeats all.
    return f"PostgreSQL's grammar rejects this: {said if len(said) <= _LONGEST else said[:_LONGEST] + '…'}"
