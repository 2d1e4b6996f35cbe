"""One message to the server, with one command or many in it, and what it answers to each, as it came.

A cursor would cost more than the server does for a small statement, and not tell which of many has failed.
"""

from collections.abc import Sequence

import psycopg
from psycopg import errors, generators
from psycopg.abc import PQGen
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from pipeline.postgres.connect import Line

Row = dict[str, str | None]


def exchange(connection: Line, text: str, *, limit: float | None = None) -> Sequence[PGresult]:
    """Send the text and return a result for each command in it, up to the first that failed.

    ``limit`` is how long to wait for the answer, in seconds, if not the connection's own patience.

    Raises psycopg.Error where there is no answer.
    """
    return connection.wait(_sent(connection, text.encode()), timeout=limit)


def _sent(connection: Line, text: bytes) -> PQGen[list[PGresult]]:
    """Part of the wait: who is interrupted between the two would leave a command without anybody to wait."""
    connection.pgconn.send_query(text)
    connection.meanwhile()
    return (yield from generators.execute(connection.pgconn))


def error_of(result: PGresult) -> psycopg.Error | None:
    """Why the command failed, if it did."""
    return errors.error_from_result(result) if result.status == ExecStatus.FATAL_ERROR else None


def rows_of(result: PGresult) -> list[Row]:
    """The rows of a result as the texts that came."""
    names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
    return [
        {name: _text(result.get_value(row, column)) for column, name in enumerate(names)}
        for row in range(result.ntuples)
    ]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
