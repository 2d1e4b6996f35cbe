"""Large scripts in pieces, so that the grammar never holds a whole file in memory, nor nests without bound.

A tree of 20 MB of SQL takes 300 MB, and the grammar's own output routine has no limit on its depth: a chain
of some twenty thousand operators would end the process. Both are seen here, before the grammar is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.sql.scanner import Piece, Token, scan, semicolons
from pipeline.sql.unreadable import unreadable

CHUNK = 1_000_000
"""About how many characters are parsed at once."""

DEEPEST = 8_000
"""How many operators may follow each other in one expression (the grammar ends the process near 21,000)."""

_TOKENS = 2 * DEEPEST
"""An operator and its operand are two tokens, and so at least two characters."""

_SET_OPERATIONS = frozenset({"union", "intersect", "except"})


def chunks(text: str) -> Iterator[tuple[int, str]]:
    """``text`` in consecutive pieces with their offsets, each cut behind what looks like a statement's end.

    Raises UnreadableSql for a statement that nests too deeply to be parsed safely.
    """
    if len(text) <= _TOKENS:
        yield 0, text
        return
    start = before = 0
    for end in semicolons(text):
        _refuse_too_deep(text, before, end)
        before = end
        if end - start >= CHUNK:
            yield start, text[start:end]
            start = end
    _refuse_too_deep(text, before, len(text))
    if start < len(text):
        yield start, text[start:]


@dataclass
class _Level:
    """An upper bound of the depth reached inside one pair of parentheses, in tokens.

    A comma begins a new element of a list and returns to ``base``; a UNION does not.
    """

    base: int
    run: int


def _refuse_too_deep(text: str, start: int, end: int) -> None:
    if end - start <= _TOKENS:
        return
    levels = [_Level(0, 0)]
    for piece in scan(text[start:end]):
        if piece.token is not Token.COMMENT:
            _follow(levels, text, Piece(piece.token, start + piece.start, start + piece.end))
        if levels[-1].run > _TOKENS:
            raise unreadable(text, start + piece.start, "memory exhausted")


def _follow(levels: list[_Level], text: str, piece: Piece) -> None:
    level = levels[-1]
    sign = text[piece.start] if piece.token is Token.SIGN else ""
    if sign in {"(", "["}:
        levels.append(_Level(level.run + 1, level.run + 1))
    elif sign in {")", "]"} and len(levels) > 1:
        levels.pop()
    elif sign == ",":
        level.run = level.base
    else:
        _deepen(level, text, piece)


def _deepen(level: _Level, text: str, piece: Piece) -> None:
    level.run += 1
    if piece.token is Token.WORD and text[piece.start : piece.end].lower() in _SET_OPERATIONS:
        level.base += 2
        level.run = max(level.run, level.base)
