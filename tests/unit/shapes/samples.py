"""A small shape with every kind in it, and trees that fit a shape or nearly do."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import ClassVar, Literal, cast

from hypothesis import strategies as st

from pipeline.errors import ConfigurationError
from pipeline.shapes.kinds import Flag, Free, Items, Kind, Named, OneOf, Parsed, Spelling, Text, Whole
from pipeline.shapes.section import Either, Nested, Section, key, keys_of, sections_in

_EVEN = {"two": 2, "four": 4}
WORD = Spelling(r"[a-z]{1,8}", "must be a word", "write it small")


def _even(value: object) -> int:
    if not isinstance(value, str) or value not in _EVEN:
        raise ConfigurationError("must be even", todo="write two")
    return _EVEN[value]


class Colour(StrEnum):
    """Which colours there are."""

    RED = "red"
    GREEN = "green"


class Lid(Section):
    """What closes it."""

    thickness: int = key(Whole(least=1), "In millimetres.", default=2)
    screws: tuple[str, ...] = key(Items(Text(least=1), distinct=True), "Their names.", default=("a", "b"))


class Round(Section):
    """Something round."""

    name: str = key(Text(least=1), "What it is called.")
    radius: int = key(Whole(least=0), "From its middle.")


class Square(Section):
    """Something square."""

    name: str = key(Text(least=1), "What it is called.")
    side: int = key(Whole(), "From corner to corner.")


class Ring(Section):
    """Exactly one of ``gold`` and ``silver``; ``carat`` goes with gold."""

    exactly_one: ClassVar[tuple[str, ...]] = ("gold", "silver")
    only_with: ClassVar[Mapping[str, str]] = {"carat": "gold"}

    gold: bool | None = key(Flag(), "Whether it is yellow.", default=None)
    silver: bool | None = key(Flag(), "Whether it is white.", default=None)
    carat: int | None = key(Whole(), "How pure it is.", default=None)


class Box(Section):
    """A box with what is in it."""

    label: str = key(Text(least=3, spelling=WORD), "What is written on it.")
    heavy: bool = key(Flag(), "Whether it needs two.", default=False)
    size: Literal["small", "large"] = key(OneOf("small", "large"), "How large it is.", default="small")
    colours: tuple[Colour, ...] = key(
        Items(OneOf(*Colour), least=2), "What it shows.", default=("red", "green")
    )
    kind: str = key(Text(), "Its kind.", default="", name="from")
    even: int = key(Parsed(_even, {"enum": ["two", "four"]}), "How many.", default="two")
    lid: Lid = key(Nested(Lid), default={})
    ring: Ring | None = key(Nested(Ring), "What holds it.", default=None)
    notes: dict[str, object] = key(Free(), "Whatever else.", default={})
    things: tuple[Round | Square, ...] = key(Items(Either(Round, Square, by="side")), "In it.", default=())
    counts: dict[str, int] = key(Named(Whole(), names=WORD, least=1, most=2), "By word.", default={"one": 1})


SMALL = {"label": "box"}

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def trees(section: type[Section]) -> st.SearchStrategy[object]:
    """Trees that fit the section, and ones in which a single value was replaced by anything."""
    keys = keys_of(section)
    parts = {name: _values(one.kind) for name, one in keys.items()}
    likely = {
        name: part for name, part in parts.items() if keys[name].required or name in section.exactly_one[:1]
    }
    rest = {name: part for name, part in parts.items() if name not in likely}
    fitting = st.fixed_dictionaries(likely, optional=rest)
    names = st.sampled_from([*keys, "zzz"])
    spoilt = st.builds(_with, fitting, names, ANY)
    return st.one_of(fitting, fitting, fitting, spoilt, ANY)


def _with(tree: dict[str, object], name: str, value: object) -> dict[str, object]:
    return {**tree, name: value}


def _values(kind: Kind[object]) -> st.SearchStrategy[object]:
    match kind:
        case Nested():
            return trees(kind.section)
        case Either():
            return st.one_of([trees(section) for section in kind.sections])
        case Items():
            return st.lists(_values(kind.each), min_size=kind.least, max_size=3, unique_by=repr)
        case Named():
            return st.dictionaries(st.sampled_from(["one", "two"]), _values(kind.each), min_size=kind.least)
        case Free():
            return st.dictionaries(st.text(max_size=2), ANY, max_size=2)
        case _:
            return st.sampled_from(_simple(kind))


def _simple(kind: Kind[object]) -> list[object]:
    match kind:
        case OneOf():
            return [str(word) for word in kind.words]
        case Flag():
            return [False, True]
        case Whole():
            return [-1, 0, 1, 5]
        case Parsed():
            return _examples(kind.schema) or ["x", "y"]
        case _:
            return ["box", "shop", "x1"]


def _examples(schema: Mapping[str, object]) -> list[object]:
    """What a schema names: its examples, or all that there is."""
    if "const" in schema:
        return [schema["const"]]
    return list(cast("list[object]", schema.get("examples") or schema.get("enum") or []))


def sections_of(section: type[Section]) -> Iterator[type[Section]]:
    """The section and all that it is made of."""
    yield section
    for one in keys_of(section).values():
        for below in sections_in(one.kind):
            yield from sections_of(below)
