"""Differences are complete, ordered, and read well."""

from hypothesis import given

from pipeline.schema.diff import Change, Difference, diff, in_words, summarise
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from tests.unit.schema.snapshots import snapshots

TABLE = ObjectKey("table", "public.t")
COLUMN = ObjectKey("column", "public.t.a")
VIEW = ObjectKey("view", "public.v")


def changed(key: ObjectKey, name: str, before: str | None, after: str | None) -> str:
    return in_words(Difference(Change.CHANGED, key, name, before, after))


def applied(differences: tuple[Difference, ...], before: Snapshot, after: Snapshot) -> Snapshot:
    """``before`` with every difference applied; what an added object holds is taken from ``after``."""
    objects: dict[ObjectKey, Properties] = dict(before.objects)
    order = dict(before.column_order)
    for one in differences:
        match one.change:
            case Change.REMOVED:
                del objects[one.key]
                order.pop(one.key.name if one.key.kind == "table" else "", None)
            case Change.ADDED:
                objects[one.key] = after.objects[one.key]
                order.update(
                    {one.key.name: after.column_order[one.key.name]} if one.key.kind == "table" else {}
                )
            case Change.CHANGED:
                assert one.property is not None
                objects[one.key] = {**objects[one.key], one.property: one.after}
            case Change.REORDERED:
                order[one.key.name] = tuple((one.after or "").split(", "))
    return Snapshot(objects, order)


def valued(snapshot: Snapshot) -> tuple[object, object]:
    """What of a snapshot counts: properties with a value, and the order of columns."""
    objects = {
        key: {name: value for name, value in of.items() if value is not None}
        for key, of in snapshot.objects.items()
    }
    return objects, snapshot.column_order


@given(snapshots())
def test_nothing_differs_from_itself(snapshot: Snapshot) -> None:
    assert diff(snapshot, snapshot) == ()


@given(snapshots(), snapshots())
def test_applying_the_differences_leads_there(before: Snapshot, after: Snapshot) -> None:
    assert valued(applied(diff(before, after), before, after)) == valued(after)


@given(snapshots(), snapshots())
def test_the_way_back_has_as_many_differences(before: Snapshot, after: Snapshot) -> None:
    assert len(diff(before, after)) == len(diff(after, before))


def test_differences_come_by_kind_and_name_and_never_by_chance() -> None:
    keys = [VIEW, COLUMN, TABLE, ObjectKey("something new", "x"), ObjectKey("schema", "public")]
    found = [one.key for one in diff(Snapshot({}), Snapshot({key: {} for key in keys}))]
    assert found == [keys[4], TABLE, COLUMN, VIEW, keys[3]]


def test_settings_are_not_compared() -> None:
    assert diff(Snapshot({}, settings={"encoding": "UTF8"}), Snapshot({})) == ()


def test_other_columns_are_no_other_order() -> None:
    before = Snapshot({TABLE: {}}, {"public.t": ("a", "b")})
    assert diff(before, Snapshot({TABLE: {}}, {"public.t": ("b", "c", "a")})) == ()


def test_the_columns_of_a_view_have_their_order_from_its_definition() -> None:
    before = Snapshot({VIEW: {}}, {"public.v": ("a", "b")})
    assert diff(before, Snapshot({VIEW: {}}, {"public.v": ("b", "a")})) == ()


def test_a_changed_property_reads_from_before_to_after() -> None:
    assert changed(COLUMN, "type", "integer", "bigint") == "column public.t.a: type integer → bigint"
    assert changed(COLUMN, "default", None, "0") == "column public.t.a: default (none) → 0"
    assert changed(COLUMN, "comment", "", None) == "column public.t.a: comment (empty) → (none)"


def test_other_differences_read_as_what_happened() -> None:
    reordered = Difference(Change.REORDERED, TABLE, None, "a, b", "b, a")
    assert in_words(Difference(Change.ADDED, VIEW)) == "view public.v added"
    assert in_words(Difference(Change.REMOVED, VIEW)) == "view public.v removed"
    assert in_words(reordered) == "table public.t: columns reordered, a, b → b, a"


def test_of_a_long_definition_the_first_line_that_differs_is_told() -> None:
    before = " SELECT id,\n    total\n   FROM public.orders\n  WHERE total > 0;"
    after = before.replace("total > 0", "total > 100")
    assert changed(VIEW, "definition", before, after) == (
        "view public.v: definition line 4: WHERE total > 0; → WHERE total > 100;"
    )


def test_a_long_line_is_told_from_shortly_before_where_it_differs() -> None:
    line = f"{'x' * 200} here {'y' * 200}"
    words = changed(VIEW, "definition", line, line.replace("here", "there"))
    assert words == f"view public.v: definition …{'x' * 19} here {'y' * 35}… → …{'x' * 19} there {'y' * 34}…"


def test_a_line_at_the_end_of_a_long_definition_is_new() -> None:
    words = changed(VIEW, "definition", "a\nb", "a\nb\nc")
    assert words == "view public.v: definition line 3: (none) → c"


def test_a_difference_within_white_space_is_told_all_the_same() -> None:
    assert (
        changed(VIEW, "definition", "a\nb", "a\n b")
        == "view public.v: definition line 2: differs in white space"
    )


def test_people_are_not_told_the_parts_of_a_new_table() -> None:
    parts: dict[ObjectKey, Properties] = {
        TABLE: {},
        COLUMN: {},
        ObjectKey("constraint", "public.t.t_pkey"): {},
        ObjectKey("index", "public.t_a"): {"table": "public.t"},
        ObjectKey("sequence", "public.t_a_seq"): {"owned by": "public.t.a"},
        ObjectKey("sequence", "public.free"): {},
        ObjectKey("column", "public.u.b"): {},
    }
    differences = diff(Snapshot({}), Snapshot(parts))
    assert len(differences) == len(parts)
    assert summarise(differences) == (
        "sequence public.free added",
        "table public.t added",
        "column public.u.b added",
    )


def test_parts_of_a_table_that_stays_are_told() -> None:
    before = Snapshot({TABLE: {}, COLUMN: {}})
    assert summarise(diff(before, Snapshot({TABLE: {"owner": "x"}}))) == (
        "table public.t: owner (none) → x",
        "column public.t.a removed",
    )


def test_the_changed_parts_of_a_table_of_two_kinds_are_told() -> None:
    before = Snapshot({TABLE: {}, COLUMN: {"type": "integer"}})
    after = Snapshot({ObjectKey("foreign table", "public.t"): {}, COLUMN: {"type": "text"}})
    assert "column public.t.a: type integer → text" in summarise(diff(before, after))
