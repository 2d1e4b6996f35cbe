"""What a plain word of YAML stands for: exactly what it looks like, or a surprise that wants quotes.

YAML 1.1 turns ``no`` into false, ``012`` into ten and ``1:30`` into ninety. Here only ``true``, ``false``,
``null`` and decimal numbers written the way they are printed are anything but text.
"""

import re
from typing import Final, NamedTuple, TypeAlias

Scalar: TypeAlias = bool | int | float | str | None


class Surprise(NamedTuple):
    """A plain word that some YAML reader takes for something else: what for, and what to write."""

    message: str
    hint: str


_WORDS: Final[dict[str, Scalar]] = {"": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", re.ASCII)
_LONG_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*", re.ASCII)
_LONGEST = 64
MERGE: Final = "<<"

_SURPRISES: Final = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), becomes, meant)
    for pattern, becomes, meant in (
        (r"y|yes|on|true", "true", "write `true`, or put the word in quotes if it is text"),
        (r"n|no|off|false", "false", "write `false`, or put the word in quotes if it is text"),
        (r"~|null", "nothing", "write `null`, or put the word in quotes if it is text"),
        (r"[-+]?0[0-9_]+", "an octal number", "leave the zeros out, or put it in quotes if it is text"),
        (r"[-+]?0[xbo][0-9a-f_]+", "a number", "write it in decimal, or put it in quotes if it is text"),
        (r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", "a number of base 60", "put it in quotes"),
        (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ].*)?", "a date", "put it in quotes"),
        (r"[-+]?[0-9.][0-9_.]*e[-+]?[0-9]+", "a number", "write it out, or put it in quotes if it is text"),
        (r"[-+]?\.(inf|nan)", "not a finite number", "put it in quotes if it is text"),
        (r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)", "a number", "write it plainly, or put it in quotes"),
        (r"=", "a default value", "put it in quotes"),
    )
)


def interpret(text: str) -> Scalar | Surprise:
    """The value of a plain (unquoted) scalar, or why it must be written otherwise."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return _surprise(text) or text


def _surprise(text: str) -> Surprise | None:
    if text == MERGE:
        return Surprise("merge keys (<<) are not read here", "say everything where it holds")
    if len(text) > _LONGEST:
        if _LONG_NUMBER.fullmatch(text):
            return Surprise("this number is too long to be one", "put it in quotes if it is text")
        return None
    for pattern, becomes, meant in _SURPRISES:
        if pattern.fullmatch(text):
            return Surprise(f"`{text}` without quotes is {becomes} to YAML 1.1", meant)
    return None
