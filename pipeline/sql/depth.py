"""Statements whose tree must not be asked for.

The grammar reads a chain of operators of any length, but what hands its tree over goes as deep as the tree,
without a limit: a chain of some twenty thousand operators would end the process.
"""

from dataclasses import dataclass

from pipeline.sql.scanner import Piece, Token, scan

DEEPEST = 8_000
"""How many operators may follow each other in one expression (the process ends near 21,000)."""

_TOKENS = 2 * DEEPEST
"""An operator and its operand are two tokens, and so at least two characters."""

_SET_OPERATIONS = frozenset({"union", "intersect", "except"})


@dataclass
class _Level:
    """An upper bound of the depth reached inside one pair of parentheses, in tokens.

    A comma begins a new element of a list and returns to ``base``; a UNION does not.
    """

    base: int
    run: int


def too_deep(statement: str) -> bool:
    """Whether the tree of a statement might be too deep to be handed over safely."""
    if len(statement) <= _TOKENS:
        return False
    levels = [_Level(0, 0)]
    for piece in scan(statement):
        if piece.token is not Token.COMMENT:
            _follow(levels, statement, piece)
        if levels[-1].run > _TOKENS:
            return True
    return False


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
