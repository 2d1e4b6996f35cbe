"""A small lexer of PostgreSQL's SQL: where text is code, and where it is a string, a name or a comment.

It serves what must be cheap: finding directives in comments, cutting large files between statements, and
bounding how deeply a statement may nest before its tree is asked for. It decides nothing about
SQL itself: whatever is cut here is parsed by PostgreSQL's grammar, which has the last word.
"""

import re
from collections.abc import Iterator
from enum import Enum
from sys import maxsize
from typing import NamedTuple


class Token(Enum):
    """What a piece of text is."""

    COMMENT = "comment"
    QUOTED = "quoted"
    WORD = "word"
    SIGN = "sign"


class Piece(NamedTuple):
    """A token and its place in characters; what is opened and never closed reaches to the end of the text."""

    token: Token
    start: int
    end: int


# Everything that is not ASCII is a letter to PostgreSQL. Saying so by what is left out compiles much faster.
_LETTER = r"[^\x00-@\[-\^`{-\x7f]"
_LETTER_OR_DIGIT = r"[^\x00-/:-@\[-\^`{-\x7f]"
_IN_WORD = r"[^\x00-#%-/:-@\[-\^`{-\x7f]"
_OPENING = re.compile(
    rf"""
      (?P<line>--[^\n\r]*)
    | (?P<block>/\*)
    | (?P<escape>[eE]')
    | (?P<quote>['"])
    | (?P<dollar>\$(?:{_LETTER}{_LETTER_OR_DIGIT}*)?\$)
    | (?P<word>{_LETTER}{_IN_WORD}*|\$?[0-9](?:{_LETTER_OR_DIGIT}|\.)*)
    | (?P<sign>[^ \t\n\r\f\v])
    """,
    re.VERBOSE,
)
_EDGE = re.compile(r"""--[^\n\r]*|/\*|[;'"$]""")
_DOLLAR = re.compile(rf"\$(?:{_LETTER}{_LETTER_OR_DIGIT}*)?\$")
_REST_OF_WORD = re.compile(rf"{_IN_WORD}+")
_SPACE = " \t\n\r\f\v"
_GAP = re.compile(rf"(?:[{_SPACE};]++|--[^\n\r]*+)*+")
_BLOCK_EDGE = re.compile(r"/\*|\*/")
# What repeats is possessive: to be able to go back, the engine would keep fifty times what it has read.
_ESCAPED_END = re.compile(r"[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'", re.DOTALL)
_CONTINUED = re.compile(r"(?:[ \t\f\v]++|--[^\n\r]*+)*+[\n\r](?:[ \t\f\v\n\r]++|--[^\n\r]*+[\n\r])*+'")
_RUN = re.compile(r"[~!@#^&|`?+\-*/%<>=]{1000}")
_ENDLESS = 100
"""How many comments may open right behind each other."""
_TOKENS = {"line": Token.COMMENT, "block": Token.COMMENT, "word": Token.WORD, "sign": Token.SIGN}


def scan(text: str, at: int = 0) -> Iterator[Piece]:
    """Every token of ``text`` from left to right, starting at ``at``; white space lies between them."""
    while (opening := _OPENING.search(text, at)) is not None:
        at = _end(text, opening)
        yield Piece(_TOKENS.get(opening.lastgroup or "", Token.QUOTED), opening.start(), at)


def _end(text: str, opening: re.Match[str]) -> int:
    match opening.lastgroup:
        case "block":
            return _after_block(text, opening.end())
        case "escape":
            return _after_escaped(text, opening.end())
        case "quote":
            return _after_quoted(text, opening.end(), opening[0])
        case "dollar":
            return _after(text, opening[0], opening.end())
        case _:
            return opening.end()


def _after(text: str, mark: str, start: int) -> int:
    """The place behind the next ``mark``, or the end of the text."""
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)


def _after_block(text: str, at: int) -> int:
    depth = 1
    while depth and (edge := _BLOCK_EDGE.search(text, at)) is not None:
        depth += 1 if edge[0] == "/*" else -1
        at = edge.end()
    return len(text) if depth else at


def _after_quoted(text: str, at: int, quote: str) -> int:
    end = _after(text, quote, at)
    while text.startswith(quote, end):
        end = _after(text, quote, end + 1)
    return end


def _after_escaped(text: str, at: int) -> int:
    """Behind an E'…' string, whose parts on following lines keep the meaning of the backslash."""
    while (end := _ESCAPED_END.match(text, at)) is not None:
        following = _CONTINUED.match(text, end.end())
        if following is None:
            return end.end()
        at = following.end()
    return len(text)


def semicolons(text: str, at: int = 0, end: int = maxsize) -> Iterator[int]:
    """The places behind semicolons that are code, from ``at`` to ``end``; found in large steps."""
    while (edge := _EDGE.search(text, at, end)) is not None:
        at = _behind(text, at, edge)
        if edge[0] == ";":
            yield at


def _behind(text: str, low: int, edge: re.Match[str]) -> int:
    """The end of what begins at ``edge``; the token before it begins at ``low`` or later."""
    start, end = edge.span()
    match edge[0]:
        case "/*":
            return _after_block(text, end)
        case "'" if _word_before(text, low, start) in {"e", "E"}:
            return _after_escaped(text, end)
        case "'" | '"':
            return _after_quoted(text, end, edge[0])
        case "$":
            return _behind_dollar(text, low, start)
        case _:
            return end


def _behind_dollar(text: str, low: int, start: int) -> int:
    before = _word_before(text, low, start)
    if before and not "0" <= before[0] <= "9":  # the sign is part of a name
        rest = _REST_OF_WORD.match(text, start)
        return rest.end() if rest else start + 1
    mark = _DOLLAR.match(text, start)
    return _after(text, mark[0], mark.end()) if mark else start + 1


def _word_before(text: str, low: int, at: int) -> str:
    first = at
    while first > low and _REST_OF_WORD.fullmatch(text, first - 1, first):
        first -= 1
    return text[first:at]


def endless(text: str, start: int, end: int) -> int | None:
    """Where signs follow each other for so long that the server would be busy for hours, without reason.

    For each of them it looks at all that follow, and cannot be interrupted. So does the grammar, which is the
    same code.
    """
    if _RUN.search(text, start, end) is None:
        return None
    for piece in scan(text, start):
        if piece.token is Token.SIGN and _RUN.match(text, piece.start, end):
            return piece.start
        if text.startswith("/*", piece.start):
            for run in _RUN.finditer(text, piece.start, min(piece.end, end)):
                if run[0].count("/*") > _ENDLESS:
                    return run.start()
    return None


def first_word(text: str, at: int) -> int:
    """Where a statement begins: behind space, comments and the semicolons of empty statements."""
    while (gap := _GAP.match(text, at)) is not None:
        at = gap.end()
        if not text.startswith("/*", at):
            break
        at = _after_block(text, at + 2)
    return at


def without_tail(text: str) -> str:
    """``text`` up to the end of its last token that is no comment."""
    text = text.rstrip(_SPACE)
    if not (text.endswith("*/") or "--" in text[max(text.rfind("\n"), text.rfind("\r")) + 1 :]):
        return text
    ends = [piece.end for piece in scan(text) if piece.token is not Token.COMMENT]
    return text[: ends[-1]] if ends else ""
