"""A server's complaint about a script, said with file, line, column and a caret under the word."""

import re
from typing import NamedTuple

import psycopg

from pipeline.formats.model import Script
from pipeline.sql.locate import Lines, excerpt, position
from pipeline.sql.statements import CopyData, Statement

_IN_COPY = re.compile(r"COPY .*?, line (\d+)")


class Complaint(NamedTuple):
    """What the server said about one statement of a script."""

    message: str
    where: str
    why: str
    hint: str | None
    sqlstate: str | None


def complaint(
    error: psycopg.Error, script: Script, statement: Statement, *, done: int = 0, ahead: int = 0
) -> Complaint:
    """Put a server's error into the place of the file it is about.

    ``done`` statements of a batch succeeded; so many characters of the message were ``ahead`` of it.
    """
    diagnosis = error.diag
    offset = _line_of_data(diagnosis.context, statement.data)
    if offset is None:
        offset = _offset(statement, diagnosis.statement_position, done, ahead)
    place = position(script.sql, offset)
    details = [excerpt(script.sql, offset)]
    details += [text for text in (diagnosis.message_detail, diagnosis.context) if text]
    message = diagnosis.message_primary or str(error).strip()
    return Complaint(
        message=f"{message} (SQLSTATE {error.sqlstate})" if error.sqlstate else message,
        where=f"{script.file.shown}:{place.line}:{place.column}",
        why="\n".join(details),
        hint=diagnosis.message_hint,
        sqlstate=error.sqlstate,
    )


def _offset(statement: Statement, position: str | None, done: int, ahead: int) -> int:
    """Where the server points, or else the statement that failed begins."""
    if position is None and done < len(statement.parts):
        return statement.parts[done]
    if position is None:
        return statement.offset
    return statement.offset + int(position) - 1 - ahead


def _line_of_data(context: str | None, data: CopyData | None) -> int | None:
    """Where the line stands that COPY complains of, if it is one of the script."""
    complained = _IN_COPY.match(context or "")
    return data.offset + Lines(data.text).start(int(complained[1])) if complained and data else None
