"""Run a Command: the one place where text, identifiers and values become what the server receives."""

from collections.abc import Sequence
from typing import LiteralString, NamedTuple

from psycopg import ClientCursor, sql
from psycopg.rows import TupleRow, dict_row

from pipeline.postgres.connect import Connection
from pipeline.postgres.message import Row, error_of, exchange, rows_of
from pipeline.sql.command import Command


class Bound(NamedTuple):
    """Commands as the server receives them, names and values in place: bind once what is sent often."""

    text: str


def run(connection: Connection, command: Command) -> None:
    """Send a command whose rows, if any, nobody needs."""
    connection.execute(_composed(command), command.values or None)


def rows(connection: Connection, command: Command) -> list[Row]:
    """Send a command and return its rows by column name; the command casts its columns to text."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_composed(command), command.values or None).fetchall()


def one(connection: Connection, query: LiteralString, values: Sequence[object] = ()) -> TupleRow:
    """The single row of a query of ours."""
    row = connection.execute(query, values or None).fetchone()
    if row is None:
        message = f"no row from: {query}"
        raise LookupError(message)
    return row


def bound(connection: Connection, *commands: Command) -> Bound:
    """Put names and values into commands."""
    cursor = ClientCursor(connection)
    return Bound("; ".join(cursor.mogrify(_composed(one), one.values or None) for one in commands))


def together(connection: Connection, *commands: Bound) -> list[list[Row]]:
    """Send several commands in one message, and return the rows of each; the first error ends them all."""
    results = exchange(connection, "; ".join(one.text for one in commands))
    if error := error_of(results[-1]):
        raise error
    return [rows_of(result) for result in results]


def _composed(command: Command) -> sql.Composed:
    # Where there are values, the driver takes every % for one, in names too.
    percent = "%%" if command.values else "%"
    identifiers = {
        slot: sql.Identifier(*(name.replace("%", percent) for name in path))
        for slot, path in command.identifiers.items()
    }
    return sql.SQL(command.text).format(**identifiers)
