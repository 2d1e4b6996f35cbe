"""Scripts into statements: places, names, and what PostgreSQL's grammar rejects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sql.examine import examine
from pipeline.sql.grammar import CHUNK
from pipeline.sql.split import UnreadableSql, split
from pipeline.sql.statements import Statement

STATEMENTS = (
    "select 1",
    "select 'a;b', \"c;d\"",
    "select e'it\\'s; fine'",
    "select U&'\\0041;'",
    "select $$ ; -- no comment $$",
    "do $body$ begin perform 1; end $body$",
    "create function f() returns int begin atomic select 1; select 2; end",
    "create rule r as on insert to t do (select 1; select 2)",
    "select 'é', '😀', \"日本\"",
    "select /* in /* nested */ the middle */ 2",
    "insert into t values (1), (2)",
)
GAPS = (
    "",
    " ",
    "\n",
    "\r\n",
    "-- a comment; with a semicolon\n",
    "/* block; /* nested */ */",
    "\t",
    ";",
    "-- 😀\n",
)


def accepted(text: str) -> tuple[Statement, ...]:
    """The statements of a text; none where it is refused at a place inside of it."""
    try:
        return split(text)
    except UnreadableSql as error:
        if not (error.message and 0 <= error.offset <= len(text)):
            raise
        return ()


def refusal(text: str) -> UnreadableSql:
    with pytest.raises(UnreadableSql) as caught:
        split(text)
    return caught.value


@given(
    st.lists(st.tuples(st.lists(st.sampled_from(GAPS), max_size=4), st.sampled_from(STATEMENTS)), max_size=8)
)
def test_statements_are_found_where_they_were_put(parts: list[tuple[list[str], str]]) -> None:
    script = ""
    expected: list[tuple[str, int]] = []
    for gaps, statement in parts:
        script += "".join(gaps)
        expected.append((statement, len(script)))
        script += statement + ";"
    assert [(found.text, found.offset) for found in split(script)] == expected


@given(st.text(alphabet="select 1,'$a-/*\"();\n\té😀\\eE|", max_size=60))
def test_texts_and_gaps_give_the_script_back(script: str) -> None:
    end = 0
    for statement in accepted(script):
        assert statement.offset >= end
        end = statement.offset + len(statement.text)
        assert script[statement.offset : end] == statement.text
        assert statement.text[0] not in " \t\n;-"


@given(st.text(max_size=40))
def test_no_text_crashes_the_grammar(script: str) -> None:
    assert all(statement.kind for statement in accepted(script))


def test_comments_before_a_statement_are_not_part_of_it() -> None:
    (statement,) = split("-- first\n/* é😀 */  create table t ();  -- last")
    assert (statement.text, statement.line, statement.column) == ("create table t ()", 2, 11)
    assert statement.offset == 19


@pytest.mark.parametrize(("ends", "place"), [("\n", (3, 2)), ("\r\n", (3, 2)), ("\r", (3, 2))])
def test_all_three_line_ends_are_counted(ends: str, place: tuple[int, int]) -> None:
    statement = split(f"select 1;{ends}{ends} select 2")[1]
    assert (statement.line, statement.column) == place


def test_an_empty_script_has_no_statements() -> None:
    assert [split(text) for text in ("", " \n", ";;", "-- only a comment", "/* only */")] == [()] * 5


@pytest.mark.parametrize(
    ("script", "said", "place"),
    [
        ("select 1;\n\\echo hello", "\\echo is a command of psql", (2, 1)),
        ("select 1 \\gset", "\\gset is a command of psql", (1, 10)),
        ("\\restrict x8yZ", "\\restrict is a command of psql", (1, 1)),
        ("select 1; copy t from stdin", "COPY from STDIN needs its data", (1, 11)),
        ("copy t to stdout", "COPY to STDOUT has nobody to read it", (1, 1)),
        ("select 1;\ncopy t from stdin;\n1\t2\n", "not ended by a line with \\. alone", (2, 18)),
        ("copy t from stdin; select 1;\n1\n\\.\n", "nothing may stand behind the semicolon", (1, 19)),
        ("copy t from stdin;\n1\0\n\\.\n", "NUL", (2, 2)),
        ("select * from ${table}", "${table} looks like a placeholder", (1, 15)),
        ("select {{ name }}", "{{ name }} looks like a placeholder", (1, 8)),
        ("select :'name'", ":'name' looks like a placeholder", (1, 8)),
        ("select 'é😀'; /* é */ select 'é😀' x y", "rejects this", (1, 36)),
        ("select 'open", "unterminated quoted string", (1, 8)),
        ("create table", "at end of input", (1, 13)),
        ("select 1\0; drop table t", "NUL", (1, 9)),
        ("\ufeffselect 1", "rejects this", (1, 1)),
    ],
)
def test_what_the_grammar_rejects_is_named_at_its_place(script: str, said: str, place: tuple[int, int]) -> None:
    error = refusal(script)
    assert said in error.message
    assert (error.line, error.column) == place


@pytest.mark.parametrize("link", ["||'a'", "::int", " collate x", " is null", " union select 1, 2"])
def test_a_chain_too_deep_for_a_tree_is_split_without_one_and_does_not_end_the_process(link: str) -> None:
    chain = "create view v as select a, b" + link * 100_000
    one, deep, other = examine(f"select 1; {chain}; select 2")
    assert (deep.statement.text, deep.statement.kind, deep.node) == (chain, "CREATE VIEW", None)
    assert one.node is not None
    assert other.statement.offset == len(chain) + 12


def test_a_string_that_is_never_closed_is_not_repeated_as_a_whole() -> None:
    error = refusal("select 1; select 'é" + "é; " * 100_000)
    assert len(error.message) < 300
    assert (error.line, error.column) == (1, 18)


def test_parentheses_too_deep_for_the_grammar_are_refused() -> None:
    assert "nested too deeply" in refusal("select " + "(" * 100_000).message


def test_rows_by_the_thousand_have_no_tree_that_would_fill_the_memory() -> None:
    rows = ",".join(["(1, 'x', -1)"] * (CHUNK // 10))
    (insert,) = examine(f"insert into t values {rows}")
    assert (insert.statement.kind, insert.node) == ("INSERT", None)


def test_long_flat_statements_are_not_mistaken_for_deep_ones() -> None:
    (insert,) = split("insert into t values " + ",".join(["(1, 'x', -1)"] * 20_000))
    assert insert.kind == "INSERT"


def test_a_tree_too_deep_to_be_handed_over_still_splits_with_its_neighbours() -> None:
    deep = "select " + "||".join(["'é'"] * 200)
    found = split(f"/* ; */ vacuum;; -- select\n{deep} -- tail\n; select 3")
    assert [(statement.kind, statement.line) for statement in found] == [
        ("VACUUM", 1),
        ("SELECT", 2),
        ("SELECT", 3),
    ]
    assert found[1].text == deep


def test_a_concurrent_index_with_a_very_deep_expression_is_not_taken_for_transactional() -> None:
    (statement,) = split("create index concurrently i on t ((" + "||".join(["a"] * 60) + "))")
    assert not statement.transactional


def test_large_scripts_are_cut_between_statements_only() -> None:
    body = "create function f() returns int begin atomic select 1; select 'é;'; end;\n"
    count = CHUNK // len(body) * 2 + 5
    found = split(body * count)
    assert len(found) == count
    assert {statement.text for statement in found} == {body.strip("\n;")}
    assert found[-1].line == count


def test_an_error_in_a_late_chunk_keeps_its_place() -> None:
    line = "insert into t values ('some é text that fills the line');\n"
    count = CHUNK // len(line) + 10
    error = refusal(line * count + "selec 1;")
    assert (error.line, error.column) == (count + 1, 1)
