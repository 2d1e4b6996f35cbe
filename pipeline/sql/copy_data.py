r"""The lines of data that follow ``COPY … FROM STDIN;`` in a script, up to a line that is ``\.`` alone.

They are no SQL: for the grammar they are blanked out, so that every place in the file stays what it is.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from pipeline.sql.scanner import Token, scan, semicolons
from pipeline.sql.statements import CopyData
from pipeline.sql.unreadable import unreadable

_MENTIONED = re.compile("stdin", re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_VISIBLE = re.compile(r"[^\r\n]")
_END = "\\."


def set_apart(text: str) -> tuple[str, tuple[CopyData, ...]]:
    """The script with its data blanked out, and the data.

    Raises UnreadableSql where data has no end, where something stands behind the semicolon before it, and on a
    NUL character in it.
    """
    if _MENTIONED.search(text) is None:
        return text, ()
    found = tuple(_data(text))
    pieces: list[str] = []
    at = 0
    for data in found:
        end = data.offset + len(data.text)
        end += len(_line(text, end))
        pieces += [text[at : data.offset], _VISIBLE.sub(" ", text[data.offset : end])]
        at = end
    return "".join([*pieces, text[at:]]), found


def _data(text: str) -> Iterator[CopyData]:
    at = 0
    while (data := _next(text, at)) is not None:
        yield data
        at = data.offset + len(data.text) + len(_END)


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
    while at < len(text):
        line = _line(text, at)
        if line.strip() == _END:
            return CopyData(statement, first, _without_nul(text, first, at))
        at += len(line)
    raise unreadable(text, end - 1, "the data of COPY … FROM STDIN is not ended by a line with \\. alone")


def _without_nul(text: str, first: int, end: int) -> str:
    if (nul := text.find("\0", first, end)) >= 0:
        raise unreadable(text, nul, "there is a NUL character")
    return text[first:end]


def _line(text: str, at: int) -> str:
    line = _LINE.match(text, at)
    return line[0] if line else ""
