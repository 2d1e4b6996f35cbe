"""Differences are grouped and ordered, and no name breaks out of the page that it is shown on."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.reports import differences
from pipeline.schema.diff import SETTING, Change, Difference, diff
from pipeline.schema.model import ObjectKey, Snapshot
from tests.unit.schema.snapshots import pairs

ORDERS = ObjectKey("table", "public.orders")
PAID = ObjectKey("view", "public.paid")


def part(change: Change, kind: str, name: str, *values: str | None) -> Difference:
    key = ObjectKey(kind, f"public.orders.{name}")
    return Difference(change, key, *values, within="public.orders", whole="table")


DIFFERENCES = [
    Difference(Change.CHANGED, PAID, "definition", "SELECT a\nFROM t", "SELECT b\nFROM t"),
    part(Change.ADDED, "column", "note", None, None, "text"),
    part(Change.CHANGED, "column", "total", "type", "integer", "bigint"),
    Difference(Change.REMOVED, ObjectKey("index", "public.orders_old"), within="public.orders", whole="table"),
    Difference(Change.CHANGED, ORDERS, "owner", "a", "b"),
    Difference(Change.ADDED, ObjectKey("table", "public.log")),
    Difference(Change.ADDED, ObjectKey("column", "public.log.id"), within="public.log", whole="table"),
    Difference(Change.RENAMED, ObjectKey("table", "public.people"), None, "public.customers", "public.people"),
    Difference(
        Change.CHANGED, ObjectKey("column", "public.people.id"), "type", "integer", "bigint", "public.people"
    ),
    Difference(Change.REORDERED, ORDERS, None, "a, b", "b, a"),
    Difference(Change.CHANGED, ObjectKey(SETTING, "database: work_mem"), "value", "4MB", "8MB"),
]

TEXT = """\
+ table log added
~ table orders
    ~ owner a → b
    + column note added: text
    ~ column total: integer → bigint
    - index orders_old removed
~ table customers renamed to people
    ~ column id: integer → bigint
~ view paid
    ~ definition SELECT a → SELECT b
told, but no drift: the order of columns, and what the server itself prints otherwise:
~ table orders
    ~ columns reordered, a, b → b, a
settings that sessions start with:
~ setting database: work_mem
    ~ 4MB → 8MB"""


def test_differences_stand_below_their_table_the_softer_ones_apart() -> None:
    assert differences.text(DIFFERENCES) == TEXT


def test_nothing_is_told_of_nothing() -> None:
    assert differences.text([]) == differences.markdown([]) == ""
    assert differences.document([]) == []


def test_markdown_has_the_same_lines_and_folds_definitions_away() -> None:
    page = differences.markdown(DIFFERENCES)
    assert re.findall("`+([^`\n]+)`+", page) == [
        line.strip() for line in TEXT.splitlines() if not line.endswith(":")
    ]
    assert "<details><summary><code>view paid: definition</code></summary>\n\n```diff\n@@" in page
    assert "\n-SELECT a\n+SELECT b\n FROM t\n```\n\n</details>" in page
    assert "### settings that sessions start with\n" in page


def test_the_document_says_everything_of_each_difference() -> None:
    first, *_ = differences.document([DIFFERENCES[2]])
    assert first == {
        "change": "changed",
        "kind": "column",
        "name": "public.orders.total",
        "property": "type",
        "before": "integer",
        "after": "bigint",
        "within": "public.orders",
        "implied": False,
        "soft": False,
        "because": None,
    }


def test_a_comment_never_grows_beyond_what_a_forge_takes() -> None:
    many = [Difference(Change.ADDED, ObjectKey("table", f"public.t{n:05}")) for n in range(5000)]
    page = differences.markdown(many)
    assert len(page) <= 65_536
    assert (last := re.search(r"… and (\d+) more objects$", page))
    assert int(last[1]) + page.count("\n- ") + 1 == len(many)


def test_of_a_long_definition_only_the_beginning_is_folded_away() -> None:
    before, after = ("\n".join(f"{word} {n}" for n in range(1000)) for word in ("was", "is"))
    page = differences.markdown([Difference(Change.CHANGED, PAID, "definition", before, after)])
    assert page.count("\n-was") < 1000
    assert "\n…\n```" in page


HOSTILE = [
    "`; drop",
    "``` ```",
    "a`` <img src=x onerror=alert(1)> ``b",
    "</code></summary><script>alert(1)</script>",
    "| a | b |\n|---|---|",
    "x\n\n# heading\n- [ ] @everyone #1 https://example.com",
    "\x1b[31mred\x07",
    "\u202egnp.exe",
    "a\r\nb\u2028c\x85d",
    "![x](http://example.com/x.png)",
    "&lt;b&gt;",
    "\n```\n</details>\n<b>out</b>",
]


def checked(name: str, value: str) -> None:
    """A name and a value in every place where the reports put them."""
    key = ObjectKey("table", f'public."{name}"')
    column = ObjectKey("column", f'public."{name}"."{name}"')
    shown = [
        Difference(Change.ADDED, column, None, None, value, key.name, "table"),
        Difference(Change.CHANGED, column, "default", value, f"{value}x", key.name, "table"),
        Difference(Change.CHANGED, ObjectKey("view", f"{name}.v"), "definition", f"a\n{value}", f"b\n{value}y"),
        Difference(Change.RENAMED, ObjectKey("table", f"public.{name}"), None, value, f"public.{name}"),
        Difference(Change.CHANGED, ObjectKey(SETTING, name), "value", value, None),
    ]
    must_be_plain(differences.text(shown).replace("\n", ""))
    page = differences.markdown(shown)
    must_be_plain(page.replace("\n", ""))
    must_hold_nothing_foreign(page)


def must_be_plain(words: str) -> None:
    assert not {unicodedata.category(sign) for sign in words} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def must_hold_nothing_foreign(page: str) -> None:
    """All that a reader of Markdown sees is lists, headings, code, and the tags of ours."""
    tags: list[str] = []
    for block in MarkdownIt("commonmark").enable("table").parse(page):
        assert block.type.split("_")[0] in {"bullet", "list", "paragraph", "heading", "inline", "fence", "html"}
        if block.type == "html_block":
            tags += re.findall("<[^>]*>", block.content)
            assert "\n" not in block.content.strip()
        for child in block.children or ():
            assert child.type in {"code_inline", "text"}
            assert child.type == "code_inline" or "public" not in child.content
    assert set(tags) <= {"<details>", "<summary>", "<code>", "</code>", "</summary>", "</details>"}
    assert tags.count("<details>") == tags.count("</details>") > 0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_breaks_out_of_nothing(name: str) -> None:
    checked(name, name)


@given(st.text(), st.text())
def test_no_name_and_no_value_breaks_out_of_anything(name: str, value: str) -> None:
    checked(name, value)


@given(st.lists(st.sampled_from(["`", "``", "\n", " ", "<b>", "&", "|", "-", "~", "a"])).map("".join))
def test_no_markup_breaks_out_of_anything(name: str) -> None:
    checked(name, name)


def test_what_is_in_a_code_span_is_what_was_said() -> None:
    [block] = [
        block
        for block in MarkdownIt().parse(
            differences.markdown([Difference(Change.ADDED, ObjectKey("table", "public.a``b<i>&amp;`"))])
        )
        if block.type == "inline"
    ]
    assert [child.content for child in block.children or ()] == ["+ table a``b<i>&amp;` added"]


def test_a_summary_says_the_name_as_it_is() -> None:
    view = ObjectKey("view", 'public."<b>&"')
    page = differences.markdown([Difference(Change.CHANGED, view, "definition", "a\nb", "a\nc")])
    assert "<code>view &quot;&lt;b&gt;&amp;&quot;: definition</code>" in page


@given(pairs)
def test_whatever_differs_is_shown(pair: tuple[Snapshot, Snapshot]) -> None:
    found = diff(*pair)
    assert bool(differences.text(found)) is bool(differences.markdown(found)) is bool(found)
    assert len(differences.document(found)) == len(found)
