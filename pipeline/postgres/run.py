"""Run a Command: the one place where text, identifiers and values become what the server receives."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import LiteralString, NamedTuple

import psycopg
from psycopg import sql
from psycopg.pq import Escaping
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from pipeline.postgres.connect import Connection, Line
from pipeline.postgres.message import Row, error_of, exchange
from pipeline.sql.command import ByServer, Command

BETWEEN = "; "
ELAPSED: LiteralString = """
(extract(epoch from pg_catalog.clock_timestamp() - pg_catalog.statement_timestamp()) * 1000)
"""


class Bound(NamedTuple):
    """Commands as the server receives them, names and values in place: bind once what is sent often."""

    text: str
    commands: int = 1


class Refusal(NamedTuple):
    """The first command of a message that failed.

    ``done`` of the ``bound`` ones with it succeeded; so many characters of the message are ``ahead`` of them.
    """

    error: psycopg.Error
    bound: Bound
    done: int
    ahead: int


class Answers(NamedTuple):
    """What the server answered to commands in one message: a result for each, up to the first that failed."""

    results: Sequence[PGresult]
    refusal: Refusal | None = None


def run(connection: Connection, command: Command) -> None:
    """Send a command whose rows, if any, nobody needs."""
    connection.execute(_composed(command), command.values or None)


def rows(connection: Connection, command: Command) -> list[Row]:
    """Send a command and return its rows by column name; the command casts its columns to text."""
    cursor = connection.execute(_composed(command), command.values or None)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]  # sooner than by a row factory


def one(connection: Connection, query: LiteralString, values: Sequence[object] = ()) -> TupleRow:
    """The single row of a query of ours."""
    row = connection.execute(query, values or None).fetchone()
    if row is None:
        message = f"no row from: {query}"
        raise LookupError(message)
    return row


def bound(connection: Connection, *commands: Command) -> Bound:
    """Put names and values into commands."""
    return Bound(BETWEEN.join(_filled(connection, one) for one in commands), len(commands))


def answers(connection: Line, *commands: Bound) -> Answers:
    """Send several commands in one message; the first that fails ends them all, and is told.

    Raises psycopg.Error where there is no answer.
    """
    results = exchange(connection, BETWEEN.join(one.text for one in commands))
    error = error_of(results[-1])
    if error is None:
        return Answers(results)
    *succeeded, _ = results
    return Answers(succeeded, _refusal(commands, error, len(succeeded)))


def _refusal(commands: Sequence[Bound], error: psycopg.Error, done: int) -> Refusal:
    """What failed; the last of all, where more succeeded than we knew to be in the message."""
    ahead = 0
    for one in commands[:-1]:
        if done < one.commands:
            return Refusal(error, one, done, ahead)
        done -= one.commands
        ahead += len(one.text) + len(BETWEEN)
    return Refusal(error, commands[-1], done, ahead)


def together(connection: Line, *commands: Bound) -> Sequence[PGresult]:
    """Send several commands in one message, and return the result of each; the first error ends them all."""
    said = answers(connection, *commands)
    if said.refusal is not None:
        raise said.refusal.error
    return said.results


def _composed(command: Command) -> sql.Composed:
    # Where there are values, the driver takes every % for one, in names too.
    percent = "%%" if command.values else "%"
    identifiers = {
        slot: sql.Identifier(*(name.replace("%", percent) for name in path))
        for slot, path in command.identifiers.items()
    }
    return sql.SQL(command.text).format(**identifiers)


def _filled(connection: Connection, command: Command) -> str:
    """A command as text. A driver's cursor takes five times as long for it, and each script waits for two."""
    literals = (*(in_place(connection, value) for value in command.values), "")
    return "".join(chain.from_iterable(zip(pieces(command), literals, strict=True)))


def pieces(command: Command) -> Sequence[str]:
    """The text of a command, its names in place, before, between and behind its values."""
    identifiers = tuple(command.identifiers.items())
    return _between_values(command.text, identifiers) if command.values else _whole(command.text, identifiers)


@lru_cache(maxsize=256)
def _whole(text: LiteralString, identifiers: tuple[tuple[str, tuple[str, ...]], ...]) -> Sequence[str]:
    return (_composed(Command(text, dict(identifiers))).as_string(),)


@lru_cache(maxsize=256)
def _between_values(text: LiteralString, identifiers: tuple[tuple[str, tuple[str, ...]], ...]) -> Sequence[str]:
    composed = _composed(Command(text, dict(identifiers), values=(None,))).as_string()
    between = [""]
    for piece in re.split("(%s|%%)", composed):
        if piece == "%s":
            between.append("")
        else:
            between[-1] += "%" if piece == "%%" else piece
    return between


def in_place(connection: Connection, value: object) -> str:
    """A value as it stands in a command."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return Escaping(connection.pgconn).escape_literal(value.encode()).decode()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f" {value}"
    if value is ByServer.ELAPSED:
        return ELAPSED
    return sql.Literal(value).as_string(connection)
