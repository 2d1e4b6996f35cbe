"""Mappings with known keys, read into frozen values with every default.

A section is a dataclass whose methods stand here once. Compiling them anew for every section, as
``@dataclass(frozen=True)`` does, would cost each start of the program a third of a millisecond per section.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields, is_dataclass
from functools import cache
from typing import (
    ClassVar,
    Final,
    Generic,
    NoReturn,
    TypeAlias,
    TypeVar,
    cast,
    dataclass_transform,
    overload,
)

from pipeline.shapes.complaints import Complaint, Unfit
from pipeline.shapes.kinds import Items, Kind, Named, as_mapping, read_parts
from pipeline.shapes.words import did_you_mean, listed

T = TypeVar("T")
Written: TypeAlias = bool | int | str | tuple[object, ...] | Mapping[str, object]

_KEY: Final = "key"


class Key:
    """One key of a section: its name in the file, what it takes, what it is for, and its default.

    ``default`` is written as in the file; None where nothing stands for what is left out, MISSING where the
    key may not be left out.
    """

    def __init__(self, kind: Kind[object], description: str, default: object, name: str) -> None:
        self.kind = kind
        self.description = description
        self.default = default
        self.name = name
        self._value = None if default is None or self.required else kind.read(default)
        self._shared = _is_fixed(self._value)

    @property
    def required(self) -> bool:
        """Whether it may not be left out."""
        return self.default is MISSING

    def absent(self) -> object:
        """The value where the key is left out; what could be changed is made anew for everybody."""
        return self._value if self._shared else self.kind.read(self.default)

    def settle(self, attribute: str) -> None:
        """Take the name that it has in the program, unless it has another in the file."""
        self.name = self.name or attribute


@overload
def key(kind: Kind[T], description: str = "", *, name: str = "") -> T: ...
@overload
def key(kind: Kind[T], description: str = "", *, default: None, name: str = "") -> T | None: ...
@overload
def key(kind: Kind[T], description: str = "", *, default: Written, name: str = "") -> T: ...
def key(kind: Kind[object], description: str = "", *, default: object = MISSING, name: str = "") -> object:
    """A key of a section. Its default is read as if it stood in the file; None lets it be left out."""
    return field(metadata={_KEY: Key(kind, description, default, name)})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(key,))
class Section:
    """A mapping with known keys: each attribute of a subclass is a ``key``, and values are frozen.

    Of the keys in ``exactly_one`` one must be there; a key in ``only_with`` goes only with the one it names.
    """

    exactly_one: ClassVar[tuple[str, ...]] = ()
    only_with: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        dataclass(init=False, repr=False, eq=False, match_args=False)(cls)

    def __init__(self, **values: object) -> None:
        keys = _by_attribute(type(self))
        left_out = [name for name, one in keys.items() if one.required and name not in values]
        unknown = [name for name in values if name not in keys]
        if left_out or unknown:
            wrong = listed([*left_out, *unknown])
            raise TypeError(f"{type(self).__name__}() lacks or does not know: {wrong}")
        for name, one in keys.items():
            vars(self)[name] = values[name] if name in values else one.absent()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        values = listed(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__qualname__}({values})"


S = TypeVar("S", bound=Section)
S_co = TypeVar("S_co", bound=Section, covariant=True)
R_co = TypeVar("R_co", bound=Section, covariant=True)


class Nested(Kind[S_co]):
    """A mapping that is a section of its own."""

    def __init__(self, section: type[S_co]) -> None:
        self.section = section

    def read(self, value: object) -> S_co:
        """The section, with its defaults."""
        return _fit(self.section, value, (self.section,))


class Either(Kind[S_co | R_co], Generic[S_co, R_co]):
    """A mapping that is the ``other`` section where the key ``by`` is in it, the ``usual`` one elsewhere."""

    def __init__(self, usual: type[S_co], other: type[R_co], *, by: str) -> None:
        self.sections = (usual, other)
        self._by = by

    def read(self, value: object) -> S_co | R_co:
        """Whichever section it is, with its defaults."""
        usual, other = self.sections
        return _fit(other if _holds(value, self._by) else usual, value, self.sections)


def read(section: type[S], tree: object) -> tuple[S | None, tuple[Complaint, ...]]:
    """The section that the tree says, or (None and) everything that is wrong with the tree. Raises nothing."""
    try:
        return _fit(section, tree, (section,)), ()
    except Unfit as error:
        return None, error.complaints


@cache
def keys_of(section: type[Section]) -> Mapping[str, Key]:
    """What a section takes, by the names in the file."""
    return {one.name: one for one in _by_attribute(section).values()}


@cache
def _by_attribute(section: type[Section]) -> Mapping[str, Key]:
    keys: dict[str, Key] = {}
    for one in fields(section) if is_dataclass(section) else ():
        keys[one.name] = cast("Key", one.metadata[_KEY])
        keys[one.name].settle(one.name)
    return keys


def _fit(section: type[S], value: object, among: tuple[type[Section], ...]) -> S:
    """``among`` are the sections that may stand in this place: their keys are those that may be meant."""
    given = as_mapping(value)
    keys = _by_attribute(section).items()
    names = {one.name: attribute for attribute, one in keys}
    parts = ((one.name, one.kind, given[one.name]) for _, one in keys if one.name in given)
    found = read_parts(parts, _of_keys(section, given, among))
    return section(**{names[name]: part for name, part in found.items()})


def _is_fixed(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _holds(value: object, name: str) -> bool:
    return isinstance(value, dict) and name in value


def _of_keys(
    section: type[Section], given: Mapping[str, object], among: tuple[type[Section], ...]
) -> Iterator[Complaint]:
    """What the keys alone say against a mapping, whatever their values are."""
    known = keys_of(section)
    for name in known:
        if known[name].required and name not in given:
            yield Complaint((name,), "is required")
    for name in given:
        if name not in known:
            yield Complaint((name,), "unknown key", _meant(name, among), on_key=True)
    there = [name for name in section.exactly_one if name in given]
    if section.exactly_one and len(there) != 1:
        found = f"has {listed(there)}" if there else "has none of them"
        yield Complaint((), f"needs exactly one of {listed(section.exactly_one)}; it {found}")
    for name, other in section.only_with.items():
        if name in given and other not in given:
            yield Complaint((name,), f"goes only with `{other}`", "leave it out", on_key=True)


def _meant(name: str, among: Iterable[type[Section]]) -> str:
    """What to write instead of an unknown key."""
    known = {near: one for section in among for near, one in keys_of(section).items()}
    question = did_you_mean(name, list(known))
    if question is not None:
        return question
    inner = next((near for near, one in known.items() if _is_below(name, one.kind)), None)
    return f"it belongs under `{inner}:`" if inner else f"known here: {listed(known)}"


def _is_below(name: str, kind: Kind[object]) -> bool:
    return any(name in keys_of(section) for section in sections_in(kind))


def sections_in(kind: Kind[object]) -> tuple[type[Section], ...]:
    """The sections that a value of the kind is made of."""
    match kind:
        case Nested():
            return (kind.section,)
        case Either():
            return kind.sections
        case Items() | Named():
            return sections_in(kind.each)
        case _:
            return ()
