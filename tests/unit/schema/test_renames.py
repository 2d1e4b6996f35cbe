"""Only identities make a rename, and a text follows from it only word by word."""

from collections.abc import Mapping

import pytest

from pipeline.schema.diff import Difference, diff
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import NESTED
from pipeline.schema.words import summarise

Shape = dict[str, Properties]
"""Properties by ``kind name``, in the order of their identities."""


def snapshot(
    shape: Mapping[str, Properties], *, origin: str = "1/5", places: list[int] | None = None
) -> Snapshot:
    """Objects that stand, in the catalog of their kind, where they stand here."""
    keys = [ObjectKey(*text.split(" ", 1)) for text in shape]
    numbers = places or list(range(len(keys)))
    return Snapshot(
        objects=dict(zip(keys, shape.values(), strict=True)),
        origin=origin,
        identities={key: f"{key.kind in NESTED}/{number}" for key, number in zip(keys, numbers, strict=True)},
    )


def told(
    before: Mapping[str, Properties], after: Mapping[str, Properties], *, places: list[int] | None = None
) -> tuple[str, ...]:
    return summarise(diff(snapshot(before), snapshot(after, places=places)))


def test_without_an_origin_or_of_another_database_nothing_was_renamed() -> None:
    before: Shape = {"table public.t": {}}
    after: Shape = {"table public.u": {}}
    for origins in (("", ""), ("1/5", "1/6"), ("1/5", "")):
        pair = [snapshot(shape, origin=origin) for shape, origin in zip((before, after), origins, strict=True)]
        assert summarise(diff(*pair)) == ("table t removed", "table u added")
    assert told(before, after) == ("table t renamed to u",)


def test_at_another_place_or_of_another_kind_nothing_was_renamed() -> None:
    assert told({"table public.t": {}}, {"table public.u": {}}, places=[1]) == (
        "table t removed",
        "table u added",
    )
    assert told({"table public.t": {}}, {"view public.u": {}}) == ("table t removed", "view u added")


def test_the_parts_of_a_renamed_table_go_with_it() -> None:
    before: Shape = {
        "table public.t": {},
        "column public.t.a": {"type": "integer"},
        "constraint public.t.t_check": {"definition": "CHECK (a > 0)"},
        "index public.i": {"table": "public.t", "definition": "CREATE INDEX i ON public.t USING btree (a)"},
    }
    after: Shape = {
        "table public.u": {},
        "column public.u.a": {"type": "integer"},
        "constraint public.u.t_check": {"definition": "CHECK (a > 0)"},
        "index public.i": {"table": "public.u", "definition": "CREATE INDEX i ON public.u USING btree (a)"},
    }
    assert told(before, after) == ("table t renamed to u",)
    after["column public.u.a"] = {"type": "bigint"}
    assert told(before, after) == ("table t renamed to u", "column u.a: integer → bigint")


def test_a_part_that_was_made_anew_in_a_renamed_table_is_the_same_by_name() -> None:
    before: Shape = {"table public.t": {}, "constraint public.t.c": {"definition": "CHECK (a > 0)"}}
    after: Shape = {"table public.u": {}, "constraint public.u.c": {"definition": "CHECK (a > 1)"}}
    assert told(before, after, places=[0, 7]) == (
        "table t renamed to u",
        "constraint u.c: definition CHECK (a > 0) → CHECK (a > 1)",
    )


def test_a_column_that_is_gone_from_a_renamed_table_stands_below_its_new_name() -> None:
    found = diff(snapshot({"table public.t": {}, "column public.t.a": {}}), snapshot({"table public.u": {}}))
    assert [(one.change, one.key.name, one.within) for one in found] == [
        ("renamed", "public.u", None),
        ("removed", "public.t.a", "public.u"),
    ]


FOLLOWING = {
    "view public.v definition": ("SELECT t.a FROM public.t", "SELECT u.a FROM public.u"),
    "column public.o.c type": ("public.t[]", "public.u[]"),
    "column public.o.d default": ("nextval('public.t'::regclass)", "nextval('public.u'::regclass)"),
    "constraint public.o.f definition": (
        "FOREIGN KEY (c) REFERENCES public.t(a)",
        "FOREIGN KEY (c) REFERENCES public.u(b)",
    ),
    "policy public.t.p using": ("(a > 0)", "(b > 0)"),
    "trigger public.t.tr definition": ("WHEN ((old.a > new.a))", "WHEN ((old.b > new.b))"),
    "sequence public.s owned by": ("public.t.a", "public.u.b"),
    "function public.f(public.t) arguments": ("x public.t", "x public.u"),
}
TELLING = {
    "view public.v definition": ("SELECT 1 FROM public.t", "SELECT 2 FROM public.u"),
    "view public.w definition": ("SELECT a FROM public.o", "SELECT b FROM public.o"),
    "view public.x definition": ("SELECT 1 FROM public.t, public.t", "SELECT 1 FROM public.u, public.t"),
    "column public.o.d default": ("'public.t'::text", "'public.u'::text"),
    "column public.o.e default": ("a()", "b()"),
    "policy public.t.p using": ("(a IN (SELECT a FROM o))", "(b IN (SELECT b FROM o))"),
    "policy public.t.q using": ("('x'::a > 0)", "('x'::b > 0)"),
    "policy public.o.r using": ("(a > 0)", "(b > 0)"),
    "function public.f() body": ("from public.t", "from public.u"),
    "table public.o comment": ("public.t", "public.u"),
    "function public.g() settings": ("SET search_path = public.t", "SET search_path = public.u"),
}


def with_a_rename(text: str, before: str, after: str) -> list[Difference]:
    """The differences of one property beside a table and its column, both renamed."""
    name, _, of = text.rpartition(" ") if "owned by" not in text else text.partition(" owned")
    of = "owned by" if "owned by" in text else of
    new = name.replace("public.t", "public.u")
    old_shape: Shape = {"table public.t": {}, "column public.t.a": {}, "table public.o": {}}
    new_shape: Shape = {"table public.u": {}, "column public.u.b": {}, "table public.o": {}}
    found = diff(snapshot(old_shape | {name: {of: before}}), snapshot(new_shape | {new: {of: after}}))
    assert {"public.u", "public.u.b"} <= {one.key.name for one in found if one.change == "renamed"}
    return [one for one in found if one.property == of]


@pytest.mark.parametrize("text", FOLLOWING)
def test_a_text_that_only_says_the_new_name_goes_without_saying(text: str) -> None:
    [one] = with_a_rename(text, *FOLLOWING[text])
    assert one.implied


@pytest.mark.parametrize("text", TELLING)
def test_a_text_that_says_anything_else_is_told(text: str) -> None:
    [one] = with_a_rename(text, *TELLING[text])
    assert not one.implied


def test_a_name_that_could_mean_two_things_is_told() -> None:
    before: Shape = {
        "function public.f(integer)": {},
        "function public.f(text)": {},
        "view public.v": {"definition": "SELECT public.f(1)"},
    }
    after: Shape = {
        "function public.g(integer)": {},
        "function public.f(text)": {},
        "view public.v": {"definition": "SELECT public.g(1)"},
    }
    assert len(told(before, after)) == 2
    del before["function public.f(text)"], after["function public.f(text)"]
    assert told(before, after) == ("function f(integer) renamed to g(integer)",)


def test_what_a_partition_has_from_its_parent_is_told_once() -> None:
    before: Shape = {
        "table public.p": {},
        "column public.p.a": {},
        "table public.p1": {"inherits": "public.p"},
        "column public.p1.a": {"inherited": "yes"},
        "column public.p1.own": {},
    }
    after: Shape = {
        "table public.p": {},
        "column public.p.b": {},
        "table public.p1": {"inherits": "public.p"},
        "column public.p1.b": {"inherited": "yes"},
        "column public.p1.mine": {},
    }
    assert told(before, after) == ("column p.a renamed to b", "column p1.own renamed to mine")


def test_the_name_of_a_not_null_stays_behind_its_column() -> None:
    before: Shape = {"table public.t": {}, "column public.t.a": {"not null": "yes"}}
    after: Shape = {
        "table public.t": {},
        "column public.t.b": {"not null": "yes", "not null name": "t_a_not_null"},
    }
    assert told(before, after) == ("column t.a renamed to b",)
    after["column public.t.b"] = {"not null": "yes", "not null name": "must"}
    assert told(before, after) == ("column t.a renamed to b", "column t.b: not null name (none) → must")
