"""The derived way back: what is certain is derived, the rest is left to people."""

import pytest

from pipeline.schema import ddl
from pipeline.schema.derive import way_back_of
from pipeline.schema.model import ObjectKey, Properties, Snapshot

V = ObjectKey("view", "public.v")
W = ObjectKey("view", "public.w")
F = ObjectKey("function", "public.f(integer)")
TRIGGER = ObjectKey("trigger", 'public.t."a.b"')
OLD: Properties = {"definition": " SELECT 1;", "owner": "me"}
NEW: Properties = {"definition": " SELECT 2;", "owner": "me"}
FUNCTION: Properties = {
    "arguments": "a integer",
    "returns": "integer",
    "language": "sql",
    "volatility": "stable",
    "strict": "yes",
    "security": "definer",
    "leakproof": "no",
    "parallel": "safe",
    "cost": "100",
    "settings": "SET search_path = a",
    "body": "select '$body$'",
    "owner": "me",
}


def test_where_nothing_differs_there_is_nothing_to_do() -> None:
    assert way_back_of(Snapshot({V: OLD}), Snapshot({V: OLD})) == ()


def test_what_is_new_is_dropped_and_never_with_what_needs_it() -> None:
    after = Snapshot({V: OLD, W: {"definition": " SELECT f(1) FROM public.v;"}})
    assert way_back_of(Snapshot({}), after) == ("DROP VIEW public.w", "DROP VIEW public.v")


def test_a_trigger_goes_before_its_function() -> None:
    after = Snapshot({F: FUNCTION, TRIGGER: {"definition": "… EXECUTE FUNCTION public.f()"}})
    assert way_back_of(Snapshot({}), after) == (
        'DROP TRIGGER "a.b" ON public.t',
        "DROP FUNCTION public.f(integer)",
    )


def test_a_trigger_of_a_new_view_goes_with_it() -> None:
    after = Snapshot({V: OLD, ObjectKey("trigger", "public.v.t"): {"definition": "x"}})
    assert way_back_of(Snapshot({}), after) == ("DROP VIEW public.v",)


def test_a_view_with_the_same_columns_is_replaced_in_place() -> None:
    assert way_back_of(Snapshot({V: OLD}), Snapshot({V: NEW})) == (
        "CREATE OR REPLACE VIEW public.v AS SELECT 1",
    )


def test_a_view_with_other_columns_is_made_anew_with_all_that_hung_on_it() -> None:
    old: Properties = {**OLD, "acl": "app=SELECT,UPDATE*; -me=DELETE", "comment": "it's", "comment of a": "x"}
    before = Snapshot({V: old}, {"public.v": ("a",)})
    assert way_back_of(before, Snapshot({V: {**old, **NEW}}, {"public.v": ("a", "b")})) == (
        "DROP VIEW public.v",
        "CREATE VIEW public.v AS SELECT 1",
        "ALTER VIEW public.v OWNER TO me",
        "GRANT SELECT ON TABLE public.v TO app",
        "GRANT UPDATE ON TABLE public.v TO app WITH GRANT OPTION",
        "REVOKE DELETE ON TABLE public.v FROM me",
        "COMMENT ON VIEW public.v IS 'it''s'",
        "COMMENT ON COLUMN public.v.a IS 'x'",
    )


def test_a_function_is_spelled_out_whole() -> None:
    statement = (
        "CREATE OR REPLACE FUNCTION public.f(a integer) RETURNS integer LANGUAGE sql STABLE PARALLEL safe"
        " COST 100 STRICT SECURITY DEFINER SET search_path = a AS $bodyx$select '$body$'$bodyx$"
    )
    after = Snapshot({F: {**FUNCTION, "body": "select 2"}})
    assert way_back_of(Snapshot({F: FUNCTION}), after) == (statement,)


def test_a_function_with_another_result_is_made_anew() -> None:
    found = way_back_of(Snapshot({F: FUNCTION}), Snapshot({F: {**FUNCTION, "returns": "text"}}))
    assert found is not None
    assert [statement.partition("(")[0] for statement in found] == [
        "DROP FUNCTION public.f",
        "CREATE FUNCTION public.f",
        "ALTER FUNCTION public.f",
    ]


@pytest.mark.parametrize("kind", ["table", "column", "index", "type", "sequence", "constraint", "schema"])
def test_a_kind_that_is_no_repeatables_has_no_derived_way_back(kind: str) -> None:
    key = ObjectKey(kind, "public.t.x")
    assert way_back_of(Snapshot({}), Snapshot({key: {"table": "public.t"}, V: OLD})) is None
    assert way_back_of(Snapshot({key: {}}), Snapshot({})) is None


def test_columns_in_another_order_have_no_derived_way_back() -> None:
    key = ObjectKey("table", "public.t")
    before = Snapshot({key: {}}, {"public.t": ("a", "b")})
    assert way_back_of(before, Snapshot({key: {}}, {"public.t": ("b", "a")})) is None


def test_views_that_need_each_other_have_no_derived_way_back() -> None:
    after = Snapshot({V: {"definition": "public.w"}, W: {"definition": "public.v"}})
    assert way_back_of(Snapshot({}), after) is None


def test_a_privilege_that_somebody_else_granted_cannot_be_given_back() -> None:
    before = Snapshot({V: {**OLD, "acl": "app=SELECT/boss"}})
    assert way_back_of(before, Snapshot({V: OLD})) is None


def test_a_name_within_a_longer_one_is_no_need() -> None:
    after = Snapshot({V: OLD, ObjectKey("view", "public.a"): {"definition": "FROM public.v2, apublic.v"}})
    assert way_back_of(Snapshot({}), after) == ("DROP VIEW public.v", "DROP VIEW public.a")


def test_an_aggregate_is_not_spelled() -> None:
    with pytest.raises(ddl.Unsure, match="aggregate"):
        list(ddl.create(ObjectKey("aggregate", "public.x(integer)"), {}))


def test_an_index_in_a_tablespace_is_not_spelled() -> None:
    with pytest.raises(ddl.Unsure):
        list(ddl.create(ObjectKey("index", "public.i"), {"definition": "CREATE INDEX …", "tablespace": "fast"}))
