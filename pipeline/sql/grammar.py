"""The only door to PostgreSQL's own grammar (libpg_query, through postgast): a script becomes statements.

Trees are many times larger than the text and cost most of the time, so a statement's tree is made when it is
asked for, and only for one statement at a time. Importing this module loads the grammar, which takes a
noticeable part of a second when the disk is cold; whoever only needs places, comments or directives does not
come here.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from google.protobuf.message import DecodeError
from postgast import PgQueryError
from postgast import parse as parse_tree
from postgast import split as split_texts
from postgast.pg_query_pb2 import Node

from pipeline.sql.depth import too_deep
from pipeline.sql.scanner import endless, first_word, without_tail
from pipeline.sql.unreadable import unreadable

CHUNK = 1_000_000
"""About how many characters the grammar is given at once."""
SMALL = 4_000
"""Up to how many characters a statement has a tree that is worth keeping for a moment."""


class Parsed(NamedTuple):
    """A statement that the grammar accepts: offset in characters, text without the semicolon."""

    offset: int
    text: str


def tree(statement: str) -> Node | None:
    """A statement as the grammar sees it.

    None where its tree is too deep to be handed over (some fifty operators in a row, a hundred SELECTs in a
    UNION).
    """
    return _small_tree(statement) if len(statement) <= SMALL else _tree(statement)


@lru_cache(maxsize=64)
def _small_tree(statement: str) -> Node | None:
    """Whoever takes a script apart and whoever judges it ask for the same trees, one just after the other."""
    return _tree(statement)


def _tree(statement: str) -> Node | None:
    if too_deep(statement):
        return None
    try:
        return parse_tree(statement).stmts[0].stmt
    except DecodeError:
        return None


def parse(text: str, start: int, end: int, *, chunk: int = CHUNK) -> Iterator[Parsed]:
    """The statements from ``start`` to ``end`` of a script in their order; empty ones are left out.

    The grammar gets about ``chunk`` characters at a time, cut behind what looks like a statement's end. Where
    it rejects that, perhaps because the end only seemed to be one, it gets twice as much. Raises UnreadableSql
    on text that the grammar rejects.
    """
    if (place := endless(text, start, end)) is not None:
        raise unreadable(text, place, "too many signs follow each other without a space")
    enough = chunk
    while (cut := _line_end(text, start + enough, end)) is not None:
        try:
            statements = split_texts(text[start:cut])
        except PgQueryError:
            enough = 2 * (cut - start)
            continue
        yield from _placed(text, start, statements)
        start, enough = cut, chunk
    try:
        statements = split_texts(text[start:end])
    except PgQueryError as error:
        raise unreadable(text, start + max(error.cursorpos - 1, 0), error.message) from None
    yield from _placed(text, start, statements)


def _line_end(text: str, at: int, end: int) -> int | None:
    """Behind the next line that ends with a semicolon, from ``at`` on: where a statement may end.

    Inside of a string, a block comment or a body the text before it is not complete, and the grammar says so.
    In a comment to the end of its line it would not say so: such lines are passed over.
    """
    while (found := text.find(";\n", at, end)) >= 0:
        if "--" not in text[text.rfind("\n", 0, found) + 1 : found]:
            return found + 2
        at = found + 2
    return None


def _placed(text: str, at: int, statements: list[str]) -> Iterator[Parsed]:
    for statement in statements:
        at = first_word(text, at)
        yield Parsed(at, without_tail(statement))
        at += len(statement)
