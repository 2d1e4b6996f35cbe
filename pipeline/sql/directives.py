"""What a file says to us in its comments: ``-- pipeline: irreversible reason="…"``.

A directive stands on a line of its own. Comments are told from strings by the scanner, so the same words
inside a function body or a literal mean nothing.
"""

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from pipeline.findings import Finding, Location, Severity
from pipeline.sql.locate import Lines

if TYPE_CHECKING:
    from pipeline.sql.scanner import Piece

_OURS = "pipeline:"
_MARK = re.compile(rf"--[ \t]*{_OURS}[ \t]*(?P<rest>[^\n\r]*)")
_DIRECTIVE = re.compile(r"(?P<word>\S+)(?P<rest>.*)", re.DOTALL)
_REASON = re.compile(r'\s+reason\s*=\s*"(?P<reason>(?:[^"\\]|\\.)*)"\s*')
_WORDS = ("irreversible",)
_EXAMPLE = 'write: -- pipeline: irreversible reason="why this cannot be undone"'


class Directives(NamedTuple):
    """What a file declares, and what is wrong with its declarations."""

    irreversible: str | None = None
    findings: tuple[Finding, ...] = ()


NONE = Directives()


def read(text: str, shown: str) -> Directives:
    """The directives of a script; ``shown`` is the file's name in findings."""
    if _OURS not in text or _MARK.search(text) is None:
        return NONE
    from pipeline.sql.scanner import Token, scan  # noqa: PLC0415  # few scripts declare anything

    lines = Lines(text)
    reasons: list[str] = []
    findings: list[Finding] = []
    for piece in scan(text):
        mark = _MARK.match(text, piece.start, piece.end) if piece.token is Token.COMMENT else None
        if mark is None:
            continue
        answer = _answer(text, piece, mark["rest"], again=bool(reasons))
        if isinstance(answer, _Problem):
            place = Location(shown, *lines.position(piece.start))
            findings.append(Finding("directive", Severity.ERROR, answer.message, place, answer.hint))
        else:
            reasons.append(answer)
    return Directives(reasons[0] if reasons else None, tuple(findings))


class _Problem(NamedTuple):
    message: str
    hint: str


def _answer(text: str, piece: "Piece", rest: str, *, again: bool) -> str | _Problem:
    """The reason that one directive gives, or what is wrong with it."""
    before = text[max(text.rfind("\n", 0, piece.start), text.rfind("\r", 0, piece.start)) + 1 : piece.start]
    if before.strip(" \t\ufeff"):
        return _Problem("a directive behind a statement is easily overlooked", "put it on a line of its own")
    directive = _DIRECTIVE.fullmatch(rest.rstrip())
    if directive is None:
        return _Problem("the directive says nothing", _EXAMPLE)
    if directive["word"] not in _WORDS:
        return _unknown(directive["word"])
    reason = _REASON.fullmatch(directive["rest"])
    if reason is None or not reason["reason"].strip():
        return _Problem("an irreversible migration needs a reason that people can read", _EXAMPLE)
    if again:
        return _Problem("the migration is declared irreversible twice", "keep one of the two reasons")
    return re.sub(r"\\(.)", r"\1", reason["reason"]).strip()


def _unknown(word: str) -> _Problem:
    near = get_close_matches(word.lower(), _WORDS, n=1)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return _Problem(f'unknown directive "{word}"', f"{hint}{_EXAMPLE}")
