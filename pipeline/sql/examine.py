"""Statements together with their trees: what the rules of the lint look at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from postgast.pg_query_pb2 import Node

from pipeline.sql.classify import outcome
from pipeline.sql.copy_data import set_apart
from pipeline.sql.grammar import Parsed, parse
from pipeline.sql.locate import Lines
from pipeline.sql.statements import Outcome, Statement, Unknown
from pipeline.sql.unreadable import UnreadableSql
from pipeline.sql.words import leading_words, words

_CONCURRENTLY = re.compile(r"create\s+(?:unique\s+)?index\s+concurrently\b", re.IGNORECASE)

NOBODY_TALKS = (
    "COPY from STDIN needs its data in the script, ended by a line with \\. alone; COPY to STDOUT has nobody to"
    " read it"
)


@dataclass(frozen=True)
class Examined:
    """A statement and its tree; ``node`` is None where the tree is too deep to be looked at."""

    statement: Statement
    node: Node | None


def examine(text: str) -> Iterator[Examined]:
    """The statements of a script with their trees, one by one. Raises UnreadableSql (see ``split``)."""
    lines = Lines(text)
    sql, fed = set_apart(text)
    for parsed in parse(sql):
        line, column = lines.position(parsed.offset)
        data = None
        if parsed.node is not None and _talks_to_client(parsed.node):
            data = next((one for one in fed if one.after <= parsed.offset < one.offset), None)
            if data is None:
                raise UnreadableSql(NOBODY_TALKS, line, column, offset=parsed.offset)
        kind, learned = _judge(parsed)
        yield Examined(Statement(parsed.text, parsed.offset, line, column, kind, learned, data), parsed.node)


def _judge(parsed: Parsed) -> tuple[str, Outcome | None]:
    if parsed.node is not None:
        return words(parsed.node), outcome(parsed.node)
    # Only statements with expressions grow deep, and of those only this one cannot run in a transaction.
    hidden = Unknown("CREATE INDEX CONCURRENTLY with a very deep expression")
    return leading_words(parsed.text), hidden if _CONCURRENTLY.match(parsed.text) else None


def _talks_to_client(node: Node) -> bool:
    copy = node.copy_stmt
    return node.WhichOneof("node") == "copy_stmt" and not copy.filename and not copy.is_program
