"""Differences are complete and ordered, and replaying them leads from one snapshot to the other."""

from dataclasses import replace

from hypothesis import given

from pipeline.schema.diff import Change, Difference, diff, diff_by_name, diff_settings, is_soft
from pipeline.schema.digest import fingerprint, order_digest
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import last_part
from tests.unit.schema.snapshots import pairs, snapshots

TABLE = ObjectKey("table", "public.t")
COLUMN = ObjectKey("column", "public.t.a")
VIEW = ObjectKey("view", "public.v")


def applied(differences: tuple[Difference, ...], before: Snapshot, after: Snapshot) -> Snapshot:
    """``before`` with every difference applied; what an added object holds is taken from ``after``."""
    objects: dict[ObjectKey, Properties] = dict(before.objects)
    orders = dict(before.column_order)
    for one in differences:
        if one.change is Change.REMOVED:
            del objects[one.key]
            orders.pop(one.key.name if one.key.kind == "table" else "", None)
    renamed = {
        ObjectKey(one.key.kind, one.before or ""): one.key for one in differences if one.change == "renamed"
    }
    objects = {renamed.get(key, key): properties for key, properties in objects.items()}
    orders = dict(with_new_names(table, columns, renamed) for table, columns in orders.items())
    for one in differences:
        match one.change:
            case Change.ADDED:
                objects[one.key] = after.objects[one.key]
                if one.key.kind == "table":
                    orders[one.key.name] = after.column_order[one.key.name]
            case Change.CHANGED:
                assert one.property is not None
                assert objects[one.key].get(one.property) == one.before
                objects[one.key] = {**objects[one.key], one.property: one.after}
            case Change.REORDERED:
                orders[one.key.name] = tuple((one.after or "").split(", "))
            case _:
                pass
    return Snapshot(objects, orders)


def with_new_names(
    table: str, columns: tuple[str, ...], renamed: dict[ObjectKey, ObjectKey]
) -> tuple[str, tuple[str, ...]]:
    keys = [ObjectKey("column", f"{table}.{column}") for column in columns]
    whole = renamed.get(ObjectKey("table", table), ObjectKey("table", table))
    return whole.name, tuple(last_part(renamed.get(key, key).name) for key in keys)


def valued(snapshot: Snapshot) -> object:
    """What of the objects counts: properties with a value."""
    return {
        key: {name: value for name, value in of.items() if value is not None}
        for key, of in snapshot.objects.items()
    }


def comparable(one: Snapshot, other: Snapshot) -> set[str]:
    """The tables that have the same columns on both sides: only there can the order differ."""
    both = one.column_order.keys() & other.column_order.keys()
    return {name for name in both if sorted(one.column_order[name]) == sorted(other.column_order[name])}


@given(snapshots())
def test_nothing_differs_from_itself(snapshot: Snapshot) -> None:
    assert diff(snapshot, snapshot) == ()


@given(pairs)
def test_replaying_the_differences_leads_there(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = pair
    made = applied(diff(before, after), before, after)
    assert valued(made) == valued(after)
    assert made.column_order.keys() == after.column_order.keys()
    for name in comparable(made, after):
        assert made.column_order[name] == after.column_order[name]


@given(pairs)
def test_something_differs_exactly_where_a_digest_does(pair: tuple[Snapshot, Snapshot]) -> None:
    before, after = pair
    elsewhere = dict(zip(before.objects, reversed(list(before.identities.values())), strict=True))
    assert diff(before, replace(before, identities=elsewhere)) == ()
    same = fingerprint(before) == fingerprint(after) and order_digest(before) == order_digest(after)
    assert (diff(before, after) == ()) is same


@given(pairs)
def test_the_way_there_and_back_has_as_many_renames(pair: tuple[Snapshot, Snapshot]) -> None:
    there, back = (
        {(one.before, one.after) for one in diff(*way) if one.change == "renamed"} for way in (pair, pair[::-1])
    )
    assert there == {(after, before) for before, after in back}


@given(snapshots(), snapshots())
def test_the_way_back_has_as_many_differences_by_name(before: Snapshot, after: Snapshot) -> None:
    assert len(diff_by_name(before, after)) == len(diff_by_name(after, before))


def test_differences_come_by_kind_and_name_and_never_by_chance() -> None:
    keys = [VIEW, COLUMN, TABLE, ObjectKey("something new", "x"), ObjectKey("schema", "public")]
    found = [one.key for one in diff(Snapshot({}), Snapshot({key: {} for key in keys}))]
    assert found == [keys[4], TABLE, COLUMN, VIEW, keys[3]]


def test_settings_are_compared_by_themselves() -> None:
    before = Snapshot({}, settings={"encoding": "UTF8", "database: work_mem": "4MB", "TimeZone": "UTC"})
    after = Snapshot({}, settings={"encoding": "UTF8", "database: work_mem": "8MB", "role a: x": "1"})
    assert diff(before, after) == ()
    assert [(one.change, one.key.name, one.before, one.after) for one in diff_settings(before, after)] == [
        ("removed", "TimeZone", "UTC", None),
        ("changed", "database: work_mem", "4MB", "8MB"),
        ("added", "role a: x", None, "1"),
    ]


def test_other_columns_are_no_other_order() -> None:
    before = Snapshot({TABLE: {}}, {"public.t": ("a", "b")})
    assert diff(before, Snapshot({TABLE: {}}, {"public.t": ("b", "c", "a")})) == ()


def test_the_columns_of_a_view_have_their_order_from_its_definition() -> None:
    before = Snapshot({VIEW: {}}, {"public.v": ("a", "b")})
    assert diff(before, Snapshot({VIEW: {}}, {"public.v": ("b", "a")})) == ()


def test_another_order_of_columns_is_soft_and_everything_else_is_hard() -> None:
    before = Snapshot({TABLE: {"owner": "x"}}, {"public.t": ("a", "b")})
    found = diff(before, Snapshot({TABLE: {}}, {"public.t": ("b", "a")}))
    assert [(one.change, is_soft(one)) for one in found] == [("changed", False), ("reordered", True)]


def test_a_part_that_is_new_or_gone_says_what_it_is() -> None:
    parts: dict[ObjectKey, Properties] = {
        COLUMN: {"type": "integer", "not null": "yes", "default": "0"},
        ObjectKey("constraint", "public.t.c"): {"definition": "CHECK (a > 0)"},
        ObjectKey("index", "public.i"): {"definition": "CREATE UNIQUE INDEX i ON public.t USING btree (a)"},
        ObjectKey("view", "public.v"): {"definition": "SELECT 1"},
    }
    with_it, without = Snapshot({TABLE: {}, **parts}), Snapshot({TABLE: {}})
    essence = {
        "column": "integer not null default 0",
        "constraint": "CHECK (a > 0)",
        "index": "unique btree (a)",
        "view": None,
    }
    assert {one.key.kind: one.after for one in diff(without, with_it)} == essence
    assert {one.key.kind: one.before for one in diff(with_it, without)} == essence


def test_a_partition_whose_columns_stand_like_its_parent_s_is_not_told_again() -> None:
    objects: dict[ObjectKey, Properties] = {TABLE: {}, ObjectKey("table", "public.u"): {"inherits": "public.t"}}
    orders = [{"public.t": (a, b), "public.u": (a, b)} for a, b in ("ab", "ba")]
    found = diff(*(Snapshot(objects, order) for order in orders))
    assert [(one.key.name, one.implied) for one in found] == [("public.t", False), ("public.u", True)]


def test_a_part_names_its_whole_and_the_kind_of_it() -> None:
    parts: dict[ObjectKey, Properties] = {
        VIEW: {},
        ObjectKey("trigger", "public.v.tr"): {},
        ObjectKey("index", "public.i"): {"table": "public.v"},
        ObjectKey("sequence", "public.s"): {"owned by": "public.t.a"},
    }
    found = diff(Snapshot({TABLE: {}}), Snapshot({TABLE: {}, **parts}))
    assert {one.key.kind: (one.within, one.whole) for one in found} == {
        "view": (None, None),
        "trigger": ("public.v", "view"),
        "index": ("public.v", "view"),
        "sequence": ("public.t", "table"),
    }
