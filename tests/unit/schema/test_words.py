"""Differences read well, stay on a line, and say what matters of lists, texts and names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schema.diff import SETTING, Change, Difference, diff
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.words import in_words, in_words_within, summarise, visible, worth_saying
from tests.unit.schema.snapshots import pairs

TABLE = ObjectKey("table", "public.t")
COLUMN = ObjectKey("column", "public.t.a")
VIEW = ObjectKey("view", "public.v")
ENUM = ObjectKey("type", "public.mood")


def changed(key: ObjectKey, name: str, before: str | None, after: str | None, *, in_place: bool = False) -> str:
    return in_words(Difference(Change.CHANGED, key, name, before, after, in_place=in_place))


def renamed(kind: str, before: str, after: str) -> str:
    return in_words(Difference(Change.RENAMED, ObjectKey(kind, after), None, before, after))


def test_a_column_reads_from_one_type_to_the_other() -> None:
    assert changed(COLUMN, "type", "integer", "bigint") == "column t.a: integer → bigint"
    assert changed(ENUM, "form", "enum", "shell") == "type mood: form enum → shell"


def test_a_column_that_must_be_filled_says_so() -> None:
    assert changed(COLUMN, "not null", "no", "yes") == "column t.a: now NOT NULL"
    assert changed(COLUMN, "not null", "yes", "no") == "column t.a: no longer NOT NULL"
    assert changed(COLUMN, "not null", "yes", "yes, not valid") == "column t.a: not null yes → yes, not valid"


def test_a_changed_property_reads_from_before_to_after() -> None:
    assert changed(COLUMN, "default", None, "0") == "column t.a: default (none) → 0"
    assert changed(COLUMN, "comment", "", None) == "column t.a: comment (empty) → (none)"


def test_only_the_schema_public_goes_without_saying() -> None:
    assert changed(ObjectKey("table", "sales.t"), "owner", "a", "b") == "table sales.t: owner a → b"
    assert changed(ObjectKey("table", '"public.x".t'), "owner", "a", "b") == 'table "public.x".t: owner a → b'


def test_other_differences_read_as_what_happened() -> None:
    reordered = Difference(Change.REORDERED, TABLE, None, "a, b", "b, a")
    assert in_words(Difference(Change.ADDED, VIEW)) == "view v added"
    assert in_words(Difference(Change.REMOVED, VIEW)) == "view v removed"
    assert in_words(Difference(Change.ADDED, COLUMN, after="text")) == "column t.a added: text"
    assert in_words(reordered) == "table t: columns reordered, a, b → b, a"


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        ("table", "public.t", "public.u", "table t renamed to u"),
        ("table", "public.t", "archive.t", "table t moved to schema archive"),
        ("table", "public.t", "archive.u", "table t renamed to archive.u"),
        ("function", "a.f(s.t)", "b.f(s.t)", "function a.f(s.t) moved to schema b"),
        ("operator", "a.+(s.t, s.t)", "b.+(s.t, s.t)", "operator a.+(s.t, s.t) moved to schema b"),
        ("column", "public.t.a", "public.t.b", "column t.a renamed to b"),
        ("column", "public.t.a", "public.u.b", "column u.a renamed to b"),
        ("schema", "app", "shop", "schema app renamed to shop"),
        ("function", "public.f(integer)", "public.g(integer)", "function f(integer) renamed to g(integer)"),
    ],
)
def test_a_rename_says_both_names(kind: str, before: str, after: str, words: str) -> None:
    assert renamed(kind, before, after) == words


def test_below_the_heading_of_its_whole_a_part_says_only_its_own_name() -> None:
    added = Difference(Change.ADDED, COLUMN, within="public.t", whole="table")
    index = ObjectKey("index", "public.i")
    moved = Difference(Change.RENAMED, index, None, "public.h", "public.i", within="public.t", whole="table")
    assert in_words_within(added) == "column a added"
    assert in_words_within(moved) == "index h renamed to i"
    assert in_words_within(Difference(Change.CHANGED, TABLE, "owner", "a", "b")) == "owner a → b"


def test_of_a_setting_only_the_values_are_told() -> None:
    key = ObjectKey(SETTING, "database: work_mem")
    assert changed(key, "value", "4MB", "8MB") == "setting database: work_mem: 4MB → 8MB"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, "app=SELECT,UPDATE", "app gained SELECT, UPDATE"),
        ("app=SELECT,UPDATE", "app=SELECT", "app lost UPDATE"),
        ("app=SELECT", "app=SELECT*; b=ALL", "app may now grant SELECT; b gained ALL"),
        ("app=SELECT*", "app=SELECT", "app may no longer grant SELECT"),
        ("app=SELECT", "app=ALL", "app has ALL, had SELECT"),
        (None, "-PUBLIC=EXECUTE", "PUBLIC lost EXECUTE"),
        ("-PUBLIC=EXECUTE", None, "PUBLIC gained EXECUTE"),
        (None, '"a; b"=SELECT*/me', '"a; b" (from me) gained SELECT with grant option'),
        ("app=SELECT", "no list at all", "acl app=SELECT → no list at all"),
        ("me=SELECT*; -me=SELECT", "app=SELECT", "acl me=SELECT*; -me=SELECT → app=SELECT"),
    ],
)
def test_of_privileges_it_is_told_who_gained_and_who_lost(
    before: str | None, after: str | None, words: str
) -> None:
    assert changed(TABLE, "acl", before, after) == f"table t: {words}"


def test_the_privileges_on_a_column_of_a_view_name_the_column() -> None:
    assert changed(VIEW, "acl of a", None, "app=SELECT") == "view v: app gained SELECT on column a"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("'sad', 'ok'", "'sad', 'so''so', 'ok'", "label 'so''so' added after 'sad'"),
        ("'sad'", "'bad', 'sad'", "label 'bad' added as the first"),
        ("'sad', 'ok'", "'sad'", "label 'ok' removed"),
        ("'a', 'b'", "'b', 'a'", "labels reordered, 'a', 'b' → 'b', 'a'"),
        ("'sad', 'ok'", "'sad', 'good'", "label 'ok' removed; label 'good' added after 'sad'"),
        (None, "'a'", "label 'a' added as the first"),
    ],
)
def test_of_an_enum_it_is_told_which_label(before: str | None, after: str, words: str) -> None:
    assert changed(ENUM, "labels", before, after) == f"type mood: {words}"


def test_a_label_of_the_very_same_type_was_renamed() -> None:
    assert changed(ENUM, "labels", "'a', 'b', 'c'", "'a', 'x', 'c', 'd'", in_place=True) == (
        "type mood: label 'b' renamed to 'x'; label 'd' added after 'c'"
    )
    assert changed(ENUM, "labels", "'a', 'b'", "'a', 'x', 'y'", in_place=True) == (
        "type mood: labels 'a', 'b' → 'a', 'x', 'y'"
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, "fillfactor=70", "options: fillfactor set to 70"),
        ("fillfactor=70", "fillfactor=80", "options: fillfactor 70 → 80"),
        ("a=1, fillfactor=70", "a=1", "options: fillfactor reset (was 70)"),
        ("odd, one", "a=1", "options odd, one → a=1"),
    ],
)
def test_of_options_it_is_told_which(before: str | None, after: str, words: str) -> None:
    assert changed(TABLE, "options", before, after) == f"table t: {words}"


def test_of_a_long_definition_the_first_line_that_differs_is_told() -> None:
    before = " SELECT id,\n    total\n   FROM public.orders\n  WHERE total > 0;"
    after = before.replace("total > 0", "total > 100")
    assert changed(VIEW, "definition", before, after) == (
        "view v: definition line 4: WHERE total > 0; → WHERE total > 100;"
    )


def test_a_long_line_is_told_from_shortly_before_where_it_differs() -> None:
    line = f"{'x' * 200} here {'y' * 200}"
    words = changed(VIEW, "definition", line, line.replace("here", "there"))
    assert words == f"view v: definition …{'x' * 19} here {'y' * 35}… → …{'x' * 19} there {'y' * 34}…"


def test_a_line_at_the_end_of_a_long_definition_is_new() -> None:
    assert changed(VIEW, "definition", "a\nb", "a\nb\nc") == "view v: definition line 3: (none) → c"


def test_a_difference_within_white_space_is_told_all_the_same() -> None:
    assert changed(VIEW, "definition", "a\nb", "a\n b") == "view v: definition line 2: differs in white space"


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
    assert summarise(differences) == ("sequence free added", "table t added", "column u.b added")


def test_parts_of_a_table_that_stays_are_told() -> None:
    before = Snapshot({TABLE: {}, COLUMN: {}})
    assert summarise(diff(before, Snapshot({TABLE: {"owner": "x"}}))) == (
        "table t: owner (none) → x",
        "column t.a removed",
    )


def test_the_changed_parts_of_a_table_of_two_kinds_are_told() -> None:
    before = Snapshot({TABLE: {}, COLUMN: {"type": "integer"}})
    after = Snapshot({ObjectKey("foreign table", "public.t"): {}, COLUMN: {"type": "text"}})
    assert "column t.a: integer → text" in summarise(diff(before, after))


def test_where_only_what_follows_is_left_it_is_told() -> None:
    follows = Difference(Change.CHANGED, VIEW, "definition", "a", "b", implied=True)
    assert worth_saying([follows, Difference(Change.ADDED, TABLE)]) == [Difference(Change.ADDED, TABLE)]
    assert worth_saying([follows]) == [follows]


@given(pairs)
def test_whatever_differs_something_is_told_of_it(pair: tuple[Snapshot, Snapshot]) -> None:
    differences = diff(*pair)
    assert bool(summarise(differences)) is bool(differences)


@given(st.text(), st.text(), st.text(), st.sampled_from(["acl", "labels", "options", "definition", "type"]))
def test_no_name_and_no_value_leaves_its_line(name: str, before: str, after: str, of: str) -> None:
    for kind in ("table", "column", "type", "function"):
        key = ObjectKey(kind, f'public."{name}"')
        for one in (
            Difference(Change.CHANGED, key, of, before, after, within=name),
            Difference(Change.RENAMED, key, None, before, after),
            Difference(Change.ADDED, key, after=after),
            Difference(Change.REORDERED, key, None, before, after),
        ):
            for words in (in_words(one), in_words_within(one)):
                assert not {unicodedata.category(sign) for sign in words} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_what_cannot_be_seen_reads_as_its_code() -> None:
    assert visible("a\x1b[2J\n\t\u202eé") == "a\\x1b[2J\\n\\t\\u{202e}é"
