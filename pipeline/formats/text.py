"""From the bytes of a script to the text that is executed, strictly: what is not plain text is refused.

A NUL would silently end the script inside libpq, a byte-order mark is a syntax error for the server, and
bidirectional control characters show a reader another script than the one that runs.
"""

import codecs
import re
import unicodedata
from functools import cache
from typing import NamedTuple

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.model import SourceFile
from pipeline.sql.locate import position

BOM = "\ufeff"
PIECE = 1 << 16
"""How much of a script is looked at together: to copy all of a large one costs more than to look."""

_CONTROL = re.compile("[\\x01-\\x08\\x0e-\\x1f\\x7f]")
_CONTROL_BYTES = bytes((*range(0x09), *range(0x0E, 0x20), 0x7F))
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Text(NamedTuple):
    """The text of a file, or None where it could not be read as text, and what was noticed."""

    text: str | None
    findings: tuple[Finding, ...] = ()


def decode(file: SourceFile, *, encoding: str = "utf-8", bom: bool = False) -> Text:
    """The text of ``file``; an undecodable byte, a NUL or a bidirectional control is an error finding.

    ``bom`` says whether the format takes a byte-order mark at the start for granted; it is then left in the
    text (checksums may count it), otherwise it is an error. Other invisible characters are a warning.
    """
    if _is_plain(file.content, encoding):
        return Text(file.content.decode("ascii"))
    try:
        text = file.content.decode(encoding)
    except UnicodeDecodeError as error:
        return Text(None, (_undecodable(file, error, encoding),))
    if (refused := _first_refused(text)) is not None:
        return Text(None, (_refused(file, text, refused),))
    if text.startswith(BOM) and not bom:
        message = "the file begins with a byte-order mark, which PostgreSQL takes for part of the first word"
        return Text(None, (_finding(file, text, 0, message, "save the file as UTF-8 without BOM"),))
    invisible = _first_invisible(text, 1 if text.startswith(BOM) else 0)
    if invisible is None:
        return Text(text)
    message = f"the invisible character {_name(text[invisible])} is part of this script"
    hint = "remove it unless it is meant"
    return Text(text, (_finding(file, text, invisible, message, hint, severity=Severity.WARNING),))


def _is_plain(content: bytes, encoding: str) -> bool:
    """Whether there is nothing to look for: so it is with most scripts, and this is faster than looking."""
    if encoding != "utf-8" or not content.isascii():
        return False
    for at in range(0, len(content), PIECE):
        piece = content[at : at + PIECE]
        if len(piece.translate(None, _CONTROL_BYTES)) != len(piece):
            return False
    return True


def _first_refused(text: str) -> int | None:
    nul = text.find("\0")
    found = None if text.isascii() else _bidirectional().search(text)
    places = [nul] if nul >= 0 else []
    return min([*places, found.start()] if found else places, default=None)


def _first_invisible(text: str, start: int) -> int | None:
    found = (_CONTROL if text.isascii() else _invisible()).search(text, start)
    return found.start() if found else None


@cache
def _bidirectional() -> re.Pattern[str]:
    """Compiled when the first text needs it, because wide classes take milliseconds."""
    return re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile("[\\x01-\\x08\\x0e-\\x1f\\x7f\u00ad\u200b\u2060\ufeff]")


def _undecodable(file: SourceFile, error: UnicodeDecodeError, encoding: str) -> Finding:
    before = file.content[: error.start].decode(encoding, errors="replace")
    if file.content.startswith(_UTF16):
        message = "the file is UTF-16, not UTF-8"
    else:
        message = f"byte 0x{file.content[error.start]:02x} is not {encoding.upper()}"
    return _finding(file, before, len(before), message, "save the file as UTF-8")


def _refused(file: SourceFile, text: str, at: int) -> Finding:
    if text[at] == "\0":
        return _finding(file, text, at, "a NUL character would silently end the script here", "remove it")
    message = f"the control character {_name(text[at])} shows people another order than the one that runs"
    return _finding(file, text, at, message, "write it as an escape inside of a U&'…' or E'…' string")


def _name(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'control').lower()})"


def _finding(
    file: SourceFile, text: str, at: int, message: str, hint: str, *, severity: Severity = Severity.ERROR
) -> Finding:
    return Finding("text", severity, message, Location(file.shown, *position(text, at)), hint)
