"""Send a statement of a script with its data, or a batch of them; learn what the server made of it."""

from dataclasses import dataclass

import psycopg
from psycopg import errors, generators
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from pipeline.postgres.connect import Connection
from pipeline.sql.statements import Statement

CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"})
"""What the server calls a statement that changed rows."""


@dataclass(frozen=True)
class Answer:
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


def send(connection: Connection, statement: Statement) -> Answer:
    """Run a statement; an error is in the answer."""
    try:
        return _batch(connection, statement) if statement.parts else _single(connection, statement)
    except psycopg.Error as error:
        return Answer("", 0, done=0, error=error)


def _single(connection: Connection, statement: Statement) -> Answer:
    cursor = connection.cursor()
    if statement.data is None:
        cursor.execute(statement.text.encode())
    else:
        with cursor.copy(statement.text.encode()) as copy:
            copy.write(statement.data.text)
    return Answer(cursor.statusmessage or "", cursor.rowcount)


def _batch(connection: Connection, statement: Statement) -> Answer:
    """One message: the driver itself would not tell which of its statements failed."""
    connection.pgconn.send_query(statement.text.encode())
    results = connection.wait(generators.execute(connection.pgconn))
    rows = sum(result.command_tuples or 0 for result in results)
    *succeeded, last = results
    if last.status == ExecStatus.FATAL_ERROR:
        return Answer("", rows, len(succeeded), errors.error_from_result(last))
    return Answer(_tag(last), rows, len(results))


def _tag(result: PGresult) -> str:
    return (result.command_status or b"").decode()
