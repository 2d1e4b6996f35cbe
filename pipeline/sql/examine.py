"""Statements together with their trees: what the rules of the lint look at."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from postgast.pg_query_pb2 import Node

from pipeline.sql.batches import batched, is_plain
from pipeline.sql.classify import online, outcome
from pipeline.sql.copy_data import around, copy_data
from pipeline.sql.grammar import Parsed, parse, tree
from pipeline.sql.locate import Lines, Position
from pipeline.sql.statements import CopyData, Outcome, Statement, Unknown
from pipeline.sql.unreadable import UnreadableSql, unreadable
from pipeline.sql.words import leading_words, words

_ROWS = re.compile(r"(?:insert|update|delete)\b", re.IGNORECASE)
_CONCURRENTLY = re.compile(r"create\s+(?:unique\s+)?index\s+concurrently\b", re.IGNORECASE)

SCRIPTS = 4096
"""How many scripts are remembered as they were taken apart: those of a large release."""

NOBODY_TALKS = (
    "COPY from STDIN needs its data in the script, ended by a line with \\. alone; COPY to STDOUT has nobody to"
    " read it"
)


class Examined(NamedTuple):
    """A statement and its tree; ``node`` is None where it is plain, or too deep to be looked at."""

    statement: Statement
    node: Node | None


def examine(text: str) -> Iterator[Examined]:
    """The statements of a script with their trees, one by one. Raises UnreadableSql (see ``split``)."""
    for statement in remembered(text):
        yield Examined(statement, None if is_plain(statement) else tree(statement.text))


def without_trees(text: str) -> Iterator[Statement]:
    """The statements of a script, one by one; what needs no tree gets none. Raises as ``examine`` does."""
    for parsed, data, place in _found(text):
        yield _statement(parsed, data, place, None if _ROWS.match(parsed.text) else tree(parsed.text))


@lru_cache(maxsize=SCRIPTS)
def remembered(text: str) -> tuple[Statement, ...]:
    """The statements of a script as they are sent (see ``taken_apart``)."""
    return tuple(batched(text, without_trees(text)))


def _found(text: str) -> Iterator[tuple[Parsed, CopyData | None, Position]]:
    if (nul := text.find("\0")) >= 0:  # libpq and the grammar would both take it for the end of the script
        raise unreadable(text, nul, "there is a NUL character")
    lines = Lines(text)
    fed = copy_data(text)
    for (start, end), data in zip_longest(around(text, fed), fed):
        for parsed in parse(text, start, end):
            feeds = data if data and data.after <= parsed.offset else None
            yield parsed, feeds, lines.position(parsed.offset)


def _statement(parsed: Parsed, data: CopyData | None, place: Position, node: Node | None) -> Statement:
    if node is None:
        return Statement(parsed.text, parsed.offset, *place, _kind(parsed.text), _unseen(parsed.text))
    if _talks_to_client(node) and data is None:
        raise UnreadableSql(NOBODY_TALKS, *place, offset=parsed.offset)
    found = outcome(node)
    return Statement(parsed.text, parsed.offset, *place, words(node), found, data, online=online(node))


def _kind(text: str) -> str:
    rows = _ROWS.match(text)
    return rows[0].upper() if rows else leading_words(text)


def _unseen(text: str) -> Outcome | None:
    """Only statements with expressions grow deep, and of those only this one cannot run in a transaction."""
    hidden = Unknown("CREATE INDEX CONCURRENTLY with a very deep expression")
    return hidden if _CONCURRENTLY.match(text) else None


def _talks_to_client(node: Node) -> bool:
    copy = node.copy_stmt
    return node.WhichOneof("node") == "copy_stmt" and not copy.filename and not copy.is_program
