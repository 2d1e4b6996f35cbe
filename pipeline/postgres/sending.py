"""Send a statement of a script with its data, or a batch of them; learn what the server made of it."""

from typing import NamedTuple

import psycopg

from pipeline.postgres.connect import GRACE, Line
from pipeline.postgres.message import error_of, exchange
from pipeline.sql.batches import MOST
from pipeline.sql.statements import CopyData, Statement

CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"})
"""What the server calls a statement that changed rows."""


class Answer(NamedTuple):
    """What the server called the statement that it has run, and how many rows it was about.

    Of a batch: its last statement, and the rows of all. ``done`` counts its statements that succeeded; where
    one did not, ``error`` says why.
    """

    tag: str
    rows: int
    done: int = 1
    error: psycopg.Error | None = None

    @property
    def changed_rows(self) -> bool:
        """Whether rows are other ones now."""
        return self.tag.partition(" ")[0] in CHANGES and self.rows > 0


def send(connection: Line, statement: Statement) -> Answer:
    """Run a statement; an error is in the answer."""
    try:
        if statement.data is not None:
            return _feed(connection, statement, statement.data)
        return _send(connection, statement)
    except psycopg.Error as error:
        return Answer("", 0, done=0, error=error)


def _feed(connection: Line, statement: Statement, data: CopyData) -> Answer:
    cursor = connection.cursor()
    with cursor.copy(statement.text.encode()) as copy:
        copy.write(data.text)
    return Answer(cursor.statusmessage or "", cursor.rowcount)


def _send(connection: Line, statement: Statement) -> Answer:
    results = exchange(connection, statement.text, limit=_limit(connection, len(statement.parts)))
    rows = sum(result.command_tuples or 0 for result in results)
    *succeeded, last = results
    if error := error_of(last):
        return Answer("", rows, len(succeeded), error)
    return Answer((last.command_status or b"").decode(), rows, len(results))


def _limit(connection: Line, statements: int) -> float | None:
    """The server gives each statement its own time; those that only make rows take next to none of it."""
    if not 1 < statements <= MOST:
        return None
    return (statements * connection.patience + GRACE).total_seconds()
