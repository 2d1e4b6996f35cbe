"""From an offset in a text to the place a person looks for: line, column, and the line with a caret.

Lines end at LF, CRLF or a lone CR, as editors and PostgreSQL's own lexer see them; nothing else ends a line.
"""

import re
import unicodedata
from bisect import bisect_right
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n?|\n")
_WIDTH = 100
"""How many characters of a long line are shown."""


class Position(NamedTuple):
    """A place in a text; both count from 1, columns in characters."""

    line: int
    column: int


class Lines:
    """The lines of one text, for many questions about it."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def start(self, line: int) -> int:
        """Where a line begins; lines count from 1, and behind the last there is only the end."""
        return self._starts[min(line, len(self._starts)) - 1]

    def position(self, offset: int) -> Position:
        """Line and column of the character at ``offset``."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


def position(text: str, offset: int) -> Position:
    """Line and column of one character; an offset beyond the text is its end."""
    return Lines(text).position(min(offset, len(text)))


def excerpt(text: str, offset: int) -> str:
    """The line that holds ``offset`` and, below it, a caret under that character (no final newline)."""
    offset = min(offset, len(text))
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    end = _LINE_END.search(text, offset)
    line, at = _cut(text[start : end.start() if end else len(text)], offset - start)
    return f"{line}\n{_blank(line[:at])}^"


def _cut(line: str, at: int) -> tuple[str, int]:
    """The part of a long line around ``at``, with … where something was left out."""
    if len(line) <= _WIDTH:
        return line, at
    first = max(0, min(at - _WIDTH // 2, len(line) - _WIDTH))
    head = "…" if first else ""
    tail = "…" if first + _WIDTH < len(line) else ""
    return f"{head}{line[first : first + _WIDTH]}{tail}", at - first + len(head)


def _blank(text: str) -> str:
    """As much room as ``text`` takes on a terminal; tabs stay, since only the terminal knows their width."""
    return "".join("\t" if character == "\t" else " " * _columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
