"""Only what means the same whatever the majors are is the server's own."""

import pytest

from pipeline.schema.majors import reason

QUALIFIED = (
    " SELECT orders.id,\n    orders.\"a.b\"\n   FROM public.orders\n  WHERE (orders.note <> 'orders.id');"
)
BARE = " SELECT id,\n    \"a.b\"\n   FROM public.orders\n  WHERE (note <> 'orders.id');"


@pytest.mark.parametrize("kind", ["view", "materialized view"])
def test_columns_of_the_only_table_read_alike_with_and_without_it(kind: str) -> None:
    assert "since 16" in (reason(kind, "definition", QUALIFIED, BARE) or "")
    assert "since 16" in (reason(kind, "definition", BARE, QUALIFIED) or "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (QUALIFIED, BARE.replace("note <>", "note =")),
        (QUALIFIED, BARE.replace("'orders.id'", "'id'")),
        (QUALIFIED, QUALIFIED.replace("orders.id,", "orders.number,")),
        (QUALIFIED, QUALIFIED.replace("public.orders", "public.other")),
        ("SELECT a.x, b.y FROM a, b", "SELECT x, y FROM a, b"),
        ("SELECT a.x FROM a, b", "SELECT b.x FROM a, b"),
        ("SELECT x FROM a", "SELECT x FROM sales.a"),
        ("SELECT f(x) FROM a", "SELECT a.f(x) FROM a"),
        ("SELECT a.x, f(x) FROM s.a", "SELECT x, a.f(x) FROM s.a"),
        ("SELECT x FROM pg_class", "SELECT x FROM public.pg_class"),
        ("SELECT lower(x) FROM public.t", "SELECT public.lower(x) FROM public.t"),
        ("SELECT 'x'::mood FROM s.t", "SELECT 'x'::public.mood FROM s.t"),
    ],
)
def test_whatever_means_something_else_is_somebody_s(before: str, after: str) -> None:
    assert reason("view", "definition", before, after) is None


def test_only_the_definitions_of_views_are_printed_otherwise() -> None:
    assert reason("rule", "definition", QUALIFIED, BARE) is None
    assert reason("view", "comment", QUALIFIED, BARE) is None
