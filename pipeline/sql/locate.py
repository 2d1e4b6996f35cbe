"""From an offset in a text to the place a person looks for: line, column, and the line with a caret.

Lines end at LF, CRLF or a lone CR, as editors and PostgreSQL's own lexer see them; nothing else ends a line.
"""

import re
import unicodedata
from itertools import islice
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n?|\n")
_WIDTH = 100
"""How many characters of a long line are shown."""


class Position(NamedTuple):
    """A place in a text; both count from 1, columns in characters."""

    line: int
    column: int


class Lines:
    """The lines of one text, for many questions about it; cheapest where each asks for a later place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._start = 1, 0

    def start(self, line: int) -> int:
        """Where a line begins; lines count from 1, and behind the last there is only the end."""
        ends = islice(_LINE_END.finditer(self._text), line - 1)
        return max((end.end() for end in ends), default=0)

    def position(self, offset: int) -> Position:
        """Line and column of the character at ``offset``."""
        if offset < self._start:
            self._line, self._start = 1, 0
        last = offset - 1 if self._text.startswith("\r\n", offset - 1) else offset
        self._line += _line_ends(self._text, self._start, last)
        newest = max(self._text.rfind("\n", self._start, last), self._text.rfind("\r", self._start, last))
        self._start = max(self._start, newest + 1)
        return Position(self._line, offset - self._start + 1)


def _line_ends(text: str, start: int, end: int) -> int:
    """Counted, because a list of them would be larger than a text of empty lines."""
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


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
