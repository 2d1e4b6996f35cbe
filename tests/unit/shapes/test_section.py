"""Sections: frozen values from plain trees, or everything that is wrong with them at once."""

import copy
import pickle
from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.backups.manifest import Manifest
from pipeline.config.model import ProjectFile
from pipeline.shapes.complaints import Complaint, Unfit
from pipeline.shapes.kinds import Whole
from pipeline.shapes.section import Section, key, keys_of, read
from tests.unit.shapes.samples import SMALL, Box, Colour, Lid, Ring, Round, Square, sections_of, trees

SECTIONS = list(dict.fromkeys([*sections_of(Box), *sections_of(ProjectFile), *sections_of(Manifest)]))


def box(**more: object) -> Box:
    found, complaints = read(Box, {**SMALL, **more})
    assert found is not None, complaints
    return found


def complaints(**more: object) -> list[tuple[str, str, str | None]]:
    found, told = read(Box, {**SMALL, **more})
    assert found is None
    return [(".".join(map(str, one.path)), one.message, one.hint) for one in told]


def test_what_is_left_out_has_its_default() -> None:
    found = box()
    assert (found.label, found.heavy, found.size, found.kind) == ("box", False, "small", "")
    assert (found.colours, found.even, found.ring) == ((Colour.RED, Colour.GREEN), 2, None)
    assert (found.lid, found.notes, found.things) == (Lid(thickness=2, screws=("a", "b")), {}, ())


def test_what_is_said_is_read() -> None:
    found = box(**{"from": "x", "lid": {"thickness": 3}, "even": "four", "colours": ["green", "red"]})
    assert (found.kind, found.lid.thickness, found.lid.screws, found.even) == ("x", 3, ("a", "b"), 4)
    assert found.colours[0] is Colour.GREEN
    things = box(things=[{"name": "a", "radius": 1}, {"name": "b", "side": 2}]).things
    assert things == (Round(name="a", radius=1), Square(name="b", side=2))


@pytest.mark.parametrize(
    ("name", "value", "path", "message", "hint"),
    [
        ("label", 5, "label", "must be text", "put it in quotes"),
        ("label", "ab", "label", "must have at least 3 characters", None),
        ("label", "BOX", "label", "must be a word", "write it small"),
        ("heavy", 1, "heavy", "must be true or false", None),
        ("size", "smal", "size", "`smal` is not one of small, large", "did you mean `small`?"),
        ("size", 1, "size", "must be one of small, large", None),
        ("colours", ["red", "x"], "colours.1", "`x` is not one of red, green", None),
        ("colours", "red", "colours", "must be a list", "write it as [one, two]"),
        ("colours", ["red"], "colours", "must have at least 2 items", None),
        ("even", "three", "even", "must be even", "write two"),
        ("lid", 5, "lid", "must be a mapping", "write `key: value` lines below it"),
        ("lid", {"thickness": True}, "lid.thickness", "must be a whole number", None),
        ("lid", {"thickness": 1.0}, "lid.thickness", "must be a whole number", None),
        ("lid", {"thickness": 0}, "lid.thickness", "must be at least 1", None),
        ("lid", {"screws": [""]}, "lid.screws.0", "must not be empty", None),
        ("lid", {"screws": ["a", "a"]}, "lid.screws", "names something twice", "name it once"),
        ("ring", None, "ring", "must be a mapping", "write `key: value` lines below it"),
        ("ring", {}, "ring", "needs exactly one of gold, silver; it has none of them", None),
        (
            "ring",
            {"gold": True, "silver": True},
            "ring",
            "needs exactly one of gold, silver; it has gold, silver",
            None,
        ),
        ("ring", {"silver": True, "carat": 9}, "ring.carat", "goes only with `gold`", "leave it out"),
        ("notes", [], "notes", "must be a mapping", "write `key: value` lines below it"),
        ("things", [{"name": "a", "radius": -1}], "things.0.radius", "must not be negative", None),
        ("counts", {}, "counts", "must not be empty", None),
        ("counts", {"ONE": 1}, "counts.ONE", "must be a word", "write it small"),
        ("counts", {"a": 1, "b": 2, "c": 3}, "counts", "there are more than 2", None),
        ("counts", {1: 1}, "counts", "must be a mapping", "write `key: value` lines below it"),
        ("labl", 1, "labl", "unknown key", "did you mean `label`?"),
        ("screws", 1, "screws", "unknown key", "it belongs under `lid:`"),
        ("radius", 1, "radius", "unknown key", "it belongs under `things:`"),
        ("kind", "x", "kind", "unknown key", f"known here: {', '.join(keys_of(Box))}"),
    ],
)
def test_a_complaint_names_the_key_and_what_to_write(
    name: str, value: object, path: str, message: str, hint: str | None
) -> None:
    assert complaints(**{name: value}) == [(path, message, hint)]


def test_a_key_of_the_other_section_may_be_meant_too() -> None:
    assert complaints(things=[{"name": "a", "radius": 1, "sid": 2}]) == [
        ("things.0.sid", "unknown key", "did you mean `side`?")
    ]


def test_everything_is_told_at_once() -> None:
    told = complaints(label=1, lid={"thickness": "a", "screws": [1, 2]}, zzz=1, ring={"carat": ""})
    expected = {"label", "lid.thickness", "lid.screws.0", "lid.screws.1", "zzz", "ring", "ring.carat"}
    assert {path for path, *_ in told} == expected


def test_what_must_be_there_is_asked_for() -> None:
    assert read(Box, {}) == (None, (Complaint(("label",), "is required"),))


def test_values_are_frozen_and_equal_ones_are_one() -> None:
    found = Lid(thickness=3)
    with pytest.raises(AttributeError, match="cannot assign"):
        found.thickness = 4  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError, match="cannot delete"):
        del found.thickness  # pyright: ignore[reportAttributeAccessIssue]
    assert {found, Lid(thickness=3), Lid()} == {found, Lid(thickness=2)}
    assert found != Ring()
    assert repr(found) == "Lid(thickness=3, screws=('a', 'b'))"


def test_a_section_is_made_by_the_names_of_its_attributes() -> None:
    assert Box(label="x", kind="y").kind == "y"
    with pytest.raises(TypeError, match="label"):
        Box()  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="from"):
        Box(label="x", **{"from": "y"})  # pyright: ignore[reportArgumentType]


def test_a_section_is_a_dataclass_that_can_be_copied() -> None:
    found = box(lid={"thickness": 5})
    assert replace(found, heavy=True).lid.thickness == 5
    assert asdict(found)["lid"] == {"thickness": 5, "screws": ("a", "b")}
    assert found == copy.deepcopy(found) == pickle.loads(pickle.dumps(found))  # noqa: S301  # made a line above
    assert [one.name for one in fields(Lid)] == ["thickness", "screws"]


def test_a_default_that_could_be_changed_is_nobody_elses() -> None:
    box().notes["a"] = 1
    Box(label="x").counts["two"] = 2
    assert (box().notes, Box(label="x").counts) == ({}, {"one": 1})


def test_a_tree_that_is_changed_later_changes_no_value() -> None:
    tree: dict[str, object] = {"a": 1}
    found = box(notes=tree)
    tree["b"] = 2
    assert found.notes == {"a": 1}


def test_a_wrong_default_is_noticed_when_the_section_is_written() -> None:
    with pytest.raises(Unfit, match="must be a whole number"):
        key(Whole(), default="three")


@given(st.sampled_from(SECTIONS).flatmap(lambda section: st.tuples(st.just(section), trees(section))))
def test_any_tree_is_a_value_or_has_complaints(asked: tuple[type[Section], object]) -> None:
    section, tree = asked
    found, told = read(section, tree)
    assert (found is None) == bool(told)
    if found is not None:
        assert type(found) is section


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_to_write_a_default_out_is_to_leave_the_key_out(section: type[Section]) -> None:
    for name, one in keys_of(section).items():
        if not one.required and one.default is not None:
            assert one.kind.read(one.default) == one.absent(), name
