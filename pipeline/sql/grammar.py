"""The only door to PostgreSQL's own grammar (libpg_query, through postgast): a script becomes statements.

Importing this module loads the grammar, which takes a noticeable part of a second when the disk is cold;
whoever only needs places, comments or directives does not come here.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.message import DecodeError
from postgast import PgQueryError
from postgast import parse as parse_tree
from postgast import split as split_texts
from postgast.pg_query_pb2 import Node

from pipeline.sql.chunks import chunks
from pipeline.sql.scanner import Token, scan, without_tail
from pipeline.sql.unreadable import unreadable


@dataclass(frozen=True)
class Parsed:
    """A statement as the grammar sees it: offset in characters, text without the semicolon, tree.

    ``node`` is None for a statement that the grammar accepts but whose tree is too deep to be handed over
    (some fifty operators in a row, a hundred SELECTs in a UNION).
    """

    offset: int
    text: str
    node: Node | None


def parse(text: str) -> Iterator[Parsed]:
    """The statements of a script in their order, a chunk at a time; empty ones are left out.

    Raises UnreadableSql on text that the grammar rejects.
    """
    if (nul := text.find("\0")) >= 0:  # libpq and the grammar would both take it for the end of the script
        raise unreadable(text, nul, "there is a NUL character")
    pieces = chunks(text)
    for start, chunk in pieces:
        try:
            statements = _parse(chunk, start)
        except PgQueryError:  # perhaps because it was cut where a statement only seemed to end
            deque(pieces, maxlen=0)  # looks at the depth of what is left
            yield from _parse_rest(text, start)
            return
        yield from statements


def _parse_rest(text: str, start: int) -> list[Parsed]:
    try:
        return _parse(text[start:], start)
    except PgQueryError as error:
        # Unlike the places of statements, which are bytes, the place of an error counts characters.
        raise unreadable(text, start + max(error.cursorpos - 1, 0), error.message) from None


def _parse(text: str, start: int) -> list[Parsed]:
    try:
        statements = parse_tree(text).stmts
    except DecodeError:
        return list(_parse_apart(text, start))
    places = _Places(text)
    parsed: list[Parsed] = []
    for statement in statements:
        first = places.character(statement.stmt_location)
        end = (
            places.character(statement.stmt_location + statement.stmt_len) if statement.stmt_len else len(text)
        )
        parsed.append(Parsed(start + first, without_tail(text[first:end]), statement.stmt))
    return parsed


class _Places:
    """Turns the grammar's byte offsets, which only ever grow, into character offsets."""

    def __init__(self, text: str) -> None:
        self._bytes = None if text.isascii() else text.encode()
        self._seen = (0, 0)

    def character(self, at: int) -> int:
        if self._bytes is None:
            return at
        before, characters = self._seen
        self._seen = (at, characters + len(self._bytes[before:at].decode()))
        return self._seen[1]


def _parse_apart(text: str, start: int) -> Iterator[Parsed]:
    """Statement by statement, where the tree of one of them is too deep to be handed over."""
    at = 0
    for piece in split_texts(text):
        statement = without_tail(piece)
        at = _first_word(text, at)
        yield Parsed(start + at, statement, _tree(statement))
        at += len(statement)


def _first_word(text: str, at: int) -> int:
    """Where the next statement begins: behind space, comments and the semicolons of empty statements."""
    for piece in scan(text, at):
        if piece.token is not Token.COMMENT and text[piece.start] != ";":
            return piece.start
    return len(text)


def _tree(statement: str) -> Node | None:
    try:
        return parse_tree(statement).stmts[0].stmt
    except DecodeError:
        return None
