r"""The lines of data that follow ``COPY … FROM STDIN;`` in a script, up to a line that is ``\.`` alone.

They are no SQL, and the grammar never sees them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.sql.scanner import Token, scan, semicolons
from pipeline.sql.statements import CopyData
from pipeline.sql.unreadable import unreadable

_MENTIONED = re.compile("stdin", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_END = "\\."


def copy_data(text: str) -> tuple[CopyData, ...]:
    """The data in a script, in its order.

    Raises UnreadableSql where data has no end and where something stands behind the semicolon before it.
    """
    return tuple(_data(text)) if _MENTIONED.search(text) else ()


def around(text: str, fed: Sequence[CopyData]) -> Iterator[tuple[int, int]]:
    """Where a script is SQL: before, between and behind its data and the lines that end it."""
    at = 0
    for data in fed:
        yield at, data.offset
        at = _end(text, data)
    yield at, len(text)


def _data(text: str) -> Iterator[CopyData]:
    at = 0
    while (data := _next(text, at)) is not None:
        yield data
        at = _end(text, data)


def _end(text: str, data: CopyData) -> int:
    last = data.offset + len(data.text)
    return last + len(_line(text, last))


def _next(text: str, at: int) -> CopyData | None:
    for end in semicolons(text, at):
        if _feeds(text[at:end]):
            return _read(text, at, end)
        at = end
    return None


def _feeds(statement: str) -> bool:
    if _MENTIONED.search(statement) is None:
        return False
    words = [
        statement[one.start : one.end].lower() for one in scan(statement) if one.token is not Token.COMMENT
    ]
    return words[0] == "copy" and ("from", "stdin") in pairwise(words)


def _read(text: str, statement: int, end: int) -> CopyData:
    rest = _line(text, end)
    if rest.strip() and not rest.lstrip().startswith("--"):
        raise unreadable(text, end, "nothing may stand behind the semicolon of COPY … FROM STDIN on its line")
    first = at = end + len(rest)
    while (at := text.find(_END, at)) >= 0:
        begin = max(first, text.rfind("\n", first, at) + 1, text.rfind("\r", first, at) + 1)
        if _line(text, begin).strip() == _END:
            return CopyData(statement, first, text[first:begin])
        at += len(_END)
    raise unreadable(text, end - 1, "the data of COPY … FROM STDIN is not ended by a line with \\. alone")


def _line(text: str, at: int) -> str:
    line = _LINE.match(text, at)
    return line[0] if line else ""
