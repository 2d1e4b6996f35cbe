"""What is somebody else's is left out whole, and nothing else is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schema.diff import diff
from pipeline.schema.ignore import Masked, Rule, mask
from pipeline.schema.model import ObjectKey, Snapshot
from tests.unit.schema.snapshots import snapshots

LAST = date(2027, 1, 31)
SNAPSHOT = Snapshot(
    objects={
        ObjectKey("table", "public.t"): {},
        ObjectKey("column", "public.t.a"): {},
        ObjectKey("column", "public.t.b"): {},
        ObjectKey("index", "public.t_a"): {"table": "public.t"},
        ObjectKey("trigger", "public.t.tr"): {},
        ObjectKey("sequence", "public.t_a_seq"): {"owned by": "public.t.a"},
        ObjectKey("table", "public.tt"): {},
        ObjectKey("foreign table", "public.f"): {},
        ObjectKey("function", "public.f(integer[])"): {},
    },
    column_order={"public.t": ("a", "b"), "public.tt": ()},
    identities={ObjectKey("table", "public.t"): "pg_class/1", ObjectKey("table", "public.tt"): "pg_class/2"},
)


def rule(pattern: str) -> Rule:
    return Rule(pattern, "made by a job", "data team", LAST)


def masked(*patterns: str, today: date = LAST) -> Masked:
    return mask(SNAPSHOT, [rule(pattern) for pattern in patterns], today=today)


def hidden(*patterns: str) -> set[str]:
    gone = SNAPSHOT.objects.keys() - masked(*patterns).snapshot.objects.keys()
    return {f"{key.kind} {key.name}" for key in gone}


def test_with_a_table_goes_all_that_is_a_part_of_it() -> None:
    assert hidden("table public.t") == {
        "table public.t",
        "column public.t.a",
        "column public.t.b",
        "index public.t_a",
        "trigger public.t.tr",
        "sequence public.t_a_seq",
    }
    left = masked("table public.t").snapshot
    assert left.column_order == {"public.tt": ()}
    assert left.identities == {ObjectKey("table", "public.tt"): "pg_class/2"}


def test_a_column_goes_alone_and_leaves_the_order_of_the_others() -> None:
    assert hidden("column public.t.a") == {"column public.t.a"}
    assert masked("column public.t.a").snapshot.column_order["public.t"] == ("b",)


@pytest.mark.parametrize(
    ("pattern", "gone"),
    [
        ("table public.f", set[str]()),
        ("foreign table public.f", {"foreign table public.f"}),
        ("* public.f", {"foreign table public.f"}),
        ("function public.f(integer[])", {"function public.f(integer[])"}),
        ("function public.f(*)", {"function public.f(integer[])"}),
        ("table public.tt?", set[str]()),
        ("table PUBLIC.tt", set[str]()),
        ("table public.?t", {"table public.tt"}),
    ],
)
def test_a_rule_hides_the_kind_and_names_that_it_says(pattern: str, gone: set[str]) -> None:
    assert hidden(pattern) == gone


def test_each_rule_says_how_much_it_hides_and_that_may_be_nothing() -> None:
    found = masked("index public.t_a", "table public.t", "table partman.*").hidden
    assert {one.pattern: count for one, count in found.items()} == {
        "index public.t_a": 1,
        "table public.t": 5,
        "table partman.*": 0,
    }


def test_a_rule_holds_on_its_last_day_and_no_longer() -> None:
    assert masked("table public.tt", today=LAST).hidden
    late = masked("table public.tt", today=date(2027, 2, 1))
    assert (late.snapshot, late.hidden) == (SNAPSHOT, {})


@given(snapshots(), st.sampled_from(["table *", "* public.t", "column *", "function public.nothing"]))
def test_what_is_left_is_as_it_was(snapshot: Snapshot, pattern: str) -> None:
    found = mask(snapshot, [rule(pattern)], today=LAST)
    assert found.snapshot.objects.items() <= snapshot.objects.items()
    assert len(snapshot.objects) == len(found.snapshot.objects) + sum(found.hidden.values())
    assert diff(found.snapshot, mask(snapshot, [rule(pattern)], today=LAST).snapshot) == ()
