"""What a value of a plain tree may be, and what it is read into: words, numbers, lists and mappings of names.

Nothing is converted silently: ``true`` is no number, ``1`` no text. Kinds are made once and never changed;
they are plain classes, because every start of the program makes them all.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar, cast

from pipeline.errors import ConfigurationError
from pipeline.shapes.complaints import Complaint, Unfit, unfit
from pipeline.shapes.words import did_you_mean, listed, shown

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
W_co = TypeVar("W_co", bound=str, covariant=True)
P = TypeVar("P", str, int)

_EMPTY = "must not be empty"


class Kind(ABC, Generic[T_co]):
    """What a value must be, and what it is read into."""

    @abstractmethod
    def read(self, value: object) -> T_co:
        """The value as the program knows it. Raises Unfit with everything that is wrong with it."""


class Spelling:
    """How a text is spelt: the pattern of all of it, and what is said of a text that is spelt otherwise."""

    def __init__(self, pattern: str, message: str, hint: str) -> None:
        self.pattern = pattern
        self._message = message
        self._hint = hint

    def complaint(self, text: str) -> Complaint | None:
        """What is wrong with the text, if it is spelt otherwise."""
        if re.fullmatch(self.pattern, text, re.ASCII):
            return None
        return Complaint((), self._message, self._hint)


class Text(Kind[str]):
    """Text of at least so many characters, perhaps spelt in a certain way."""

    def __init__(self, *, least: int = 0, spelling: Spelling | None = None) -> None:
        self.least = least
        self.spelling = spelling

    def read(self, value: object) -> str:
        """The text, unchanged."""
        if not isinstance(value, str):
            raise unfit("must be text", "put it in quotes")
        _refuse_short(len(value), self.least, "characters")
        if self.spelling and (complaint := self.spelling.complaint(value)):
            raise Unfit(complaint)
        return value


class Flag(Kind[bool]):
    """True or false."""

    def read(self, value: object) -> bool:
        """The flag, unchanged."""
        if isinstance(value, bool):
            return value
        raise unfit("must be true or false")


class Whole(Kind[int]):
    """A whole number, perhaps with a least."""

    def __init__(self, *, least: int | None = None) -> None:
        self.least = least

    def read(self, value: object) -> int:
        """The number, unchanged."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise unfit("must be a whole number")
        if self.least is not None and value < self.least:
            raise unfit(f"must be at least {self.least}" if self.least else "must not be negative")
        return value


class OneOf(Kind[W_co]):
    """One of some words, or of the members of a StrEnum."""

    def __init__(self, *words: W_co) -> None:
        self.words = words

    def read(self, value: object) -> W_co:
        """The word as the program knows it."""
        if not isinstance(value, str):
            raise unfit(f"must be one of {listed(self.words)}")
        for word in self.words:
            if word == value:
                return word
        message = f"`{shown(value)}` is not one of {listed(self.words)}"
        raise unfit(message, did_you_mean(value, self.words))


class Parsed(Kind[T_co]):
    """Whatever a function makes of the value, where it raises no ConfigurationError (or Unfit).

    ``schema`` is what JSON Schema can say of the value.
    """

    def __init__(self, parse: Callable[[object], T_co], schema: Mapping[str, object]) -> None:
        self._parse = parse
        self.schema = schema

    def read(self, value: object) -> T_co:
        """What the function makes of the value."""
        try:
            return self._parse(value)
        except ConfigurationError as error:
            raise unfit(error.what, error.todo) from None


class Items(Kind[tuple[T, ...]]):
    """A list with at least so many items of one kind; in a ``distinct`` one each is there once."""

    def __init__(self, each: Kind[T], *, least: int = 0, distinct: bool = False) -> None:
        self.each: Kind[object] = each
        self._each = each
        self.least = least
        self._distinct = distinct

    def read(self, value: object) -> tuple[T, ...]:
        """The items in their order."""
        if not isinstance(value, (tuple, list)):
            raise unfit("must be a list", "write it as [one, two]")
        items = cast("tuple[object, ...] | list[object]", value)
        _refuse_short(len(items), self.least, "items")
        found = tuple(read_parts((place, self._each, item) for place, item in enumerate(items)).values())
        if self._distinct and len(set(found)) < len(found):
            raise unfit("names something twice", "name it once")
        return found


class Named(Kind[dict[str, T]]):
    """A mapping from names of the writer's own to values of one kind."""

    def __init__(
        self, each: Kind[T], *, names: Spelling | None = None, least: int = 0, most: int | None = None
    ) -> None:
        self.each: Kind[object] = each
        self._each = each
        self.names = names
        self.least = least
        self.most = most

    def read(self, value: object) -> dict[str, T]:
        """What stands under each name, in the order of the file."""
        given = as_mapping(value)
        _refuse_short(len(given), self.least, "entries")
        if self.most is not None and len(given) > self.most:
            raise unfit(f"there are more than {self.most}")
        parts = ((name, self._each, part) for name, part in given.items())
        return read_parts(parts, self._misspelt(given))

    def _misspelt(self, names: Iterable[str]) -> Iterable[Complaint]:
        for name in names:
            if self.names and (complaint := self.names.complaint(name)):
                yield Complaint((name,), complaint.message, complaint.hint, on_key=True)


class Free(Kind[dict[str, object]]):
    """A mapping whose keys and values somebody else knows."""

    def read(self, value: object) -> dict[str, object]:
        """The mapping, unchanged."""
        return dict(as_mapping(value))


def as_mapping(value: object) -> Mapping[str, object]:
    """The value, which must be a mapping with text for keys. Raises Unfit."""
    if isinstance(value, dict):
        given = cast("dict[object, object]", value)
        if all(isinstance(name, str) for name in given):
            return cast("dict[str, object]", value)
    raise unfit("must be a mapping", "write `key: value` lines below it")


def read_parts(parts: Iterable[tuple[P, Kind[T], object]], known: Iterable[Complaint] = ()) -> dict[P, T]:
    """What a value is made of, by key or index; raises Unfit with what is ``known`` and what is wrong below."""
    complaints = list(known)
    found: dict[P, T] = {}
    for part, kind, value in parts:
        try:
            found[part] = kind.read(value)
        except Unfit as error:
            complaints += error.below(part)
    if complaints:
        raise Unfit(*complaints)
    return found


def _refuse_short(length: int, least: int, of: str) -> None:
    if length < least:
        raise unfit(_EMPTY if least == 1 else f"must have at least {least} {of}")
