"""The JSON Schema of a section, and that it is of one mind with the reader."""

from enum import StrEnum
from typing import Literal, cast, get_args, get_origin, get_type_hints

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.backups.manifest import Manifest
from pipeline.config.model import ProjectFile
from pipeline.shapes.kinds import Items, Kind, OneOf
from pipeline.shapes.schema import DIALECT, json_schema
from pipeline.shapes.section import Section, keys_of, read
from tests.unit.shapes.samples import SMALL, Box, sections_of, trees

ROOTS: tuple[type[Section], ...] = (Box, ProjectFile, Manifest)
SECTIONS = list(dict.fromkeys(section for root in ROOTS for section in sections_of(root)))
SCHEMAS: dict[type[Section], jsonschema.Draft202012Validator] = {
    section: jsonschema.Draft202012Validator(json_schema(section, section.__name__)) for section in SECTIONS
}


def fits(section: type[Section], tree: object) -> bool:
    return SCHEMAS[section].is_valid(cast("dict[str, str]", tree))  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize("root", ROOTS)
def test_what_is_written_is_json_schema(root: type[Section]) -> None:
    written = json_schema(root, "A title")
    jsonschema.Draft202012Validator.check_schema(written)
    assert (written["$schema"], written["title"]) == (DIALECT, "A title")


def test_a_key_says_what_it_takes_what_for_and_what_holds_without_it() -> None:
    written = cast("dict[str, dict[str, object]]", json_schema(Box, "x"))
    keys = written["properties"]
    assert keys["label"] == {
        "description": "What is written on it.",
        "minLength": 3,
        "pattern": "^[a-z]{1,8}$",
        "type": "string",
    }
    assert keys["lid"] == {"$ref": "#/$defs/Lid", "default": {}}
    assert cast("dict[str, object]", keys["colours"])["items"] == {"$ref": "#/$defs/Colour"}
    assert cast("dict[str, object]", keys["counts"])["maxProperties"] == 2
    assert written["required"] == ["label"]
    assert list(written["$defs"]) == ["Colour", "Lid", "Ring", "Round", "Square"]


@pytest.mark.parametrize(
    "more",
    [
        {"zzz": 1},
        {"ring": {}},
        {"ring": {"silver": True, "carat": 1}},
        {"ring": None},
        {"lid": {"thickness": 0}},
        {"colours": ["red"]},
        {"counts": {"A": 1}},
        {"counts": {}},
        {"things": [{"name": "a", "side": 1, "radius": 1}]},
        {"size": "middle"},
        {"heavy": 0},
        {"label": "a"},
    ],
)
def test_what_does_not_fit_is_refused_by_both(more: dict[str, object]) -> None:
    tree = {**SMALL, **more}
    assert not fits(Box, tree)
    assert read(Box, tree)[1]


@given(st.sampled_from(SECTIONS).flatmap(lambda section: st.tuples(st.just(section), trees(section))))
def test_what_the_schema_refuses_the_reader_refuses_too(asked: tuple[type[Section], object]) -> None:
    section, tree = asked
    found, _ = read(section, tree)
    assert found is None or fits(section, tree)


def _words(kind: Kind[object]) -> tuple[str, ...] | None:
    match kind:
        case OneOf():
            return kind.words
        case Items():
            return _words(kind.each)
        case _:
            return None


def _literals(annotation: object) -> tuple[object, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(word for part in get_args(annotation) for word in _literals(part))


def _attributes(hints: dict[str, object]) -> list[tuple[str, object]]:
    return [(name, hint) for name, hint in hints.items() if name not in get_type_hints(Section)]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_the_types_of_words_name_the_words_that_are_read(section: type[Section]) -> None:
    hints = get_type_hints(section)
    for (name, annotation), one in zip(_attributes(hints), keys_of(section).values(), strict=True):
        words, literals = _words(one.kind), _literals(annotation)
        if words and not isinstance(words[0], StrEnum):
            assert set(words) == set(literals), name
