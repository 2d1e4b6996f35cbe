"""Long runs of INSERTs and definitions in a row are put together, as they stand; all else stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sql.batches import FEWEST, LARGEST, MOST, batched, in_messages
from pipeline.sql.split import split
from pipeline.sql.statements import Statement

ROW = "insert into t values (1);"


def kinds(script: str) -> list[tuple[str, int]]:
    return [(one.kind, len(one.parts)) for one in batched(script, split(script))]


def test_few_are_told_one_by_one() -> None:
    assert kinds(ROW * (FEWEST - 1)) == [("INSERT", 0)] * (FEWEST - 1)


def test_many_are_one_batch() -> None:
    assert kinds(ROW * FEWEST) == [("INSERT", FEWEST)]


def test_what_stands_between_ends_a_batch() -> None:
    script = f"{ROW * FEWEST} create table u (id int); {ROW * FEWEST} update t set a = 1; {ROW}"
    assert kinds(script) == [
        ("INSERT", FEWEST),
        ("CREATE TABLE", 0),
        ("INSERT", FEWEST),
        ("UPDATE", 0),
        ("INSERT", 0),
    ]


def test_rows_with_data_of_their_own_are_no_insert() -> None:
    assert kinds("copy t from stdin;\n1\n\\.\n" + ROW * FEWEST) == [("COPY", 0), ("INSERT", FEWEST)]


def messages(script: str) -> list[tuple[str, int]]:
    return [(one.kind, len(one.parts)) for one in in_messages(script, batched(script, split(script)))]


def test_definitions_in_a_row_are_one_message() -> None:
    assert messages("create table t (id int); create index i on t (id); alter table t add n int") == [
        ("CREATE TABLE", 3)
    ]


@pytest.mark.parametrize(
    "between",
    [
        "insert into t values (1)",
        "select 1",
        "do $$ begin end $$",
        "call p()",
        "set role r",
        "commit",
        "vacuum t",
    ],
)
def test_what_may_change_rows_or_end_the_transaction_stays_alone(between: str) -> None:
    (kind,) = [one.kind for one in split(between)]
    assert messages(f"create table t (id int); {between}; drop table t; drop table u") == [
        ("CREATE TABLE", 0),
        (kind, 0),
        ("DROP TABLE", 2),
    ]


def test_a_definition_outside_of_transactions_stays_alone() -> None:
    assert messages("create index concurrently i on t (n); drop table u; drop table v") == [
        ("CREATE INDEX", 0),
        ("DROP TABLE", 2),
    ]


def test_a_message_has_so_many_definitions_and_no_more() -> None:
    assert [parts for _, parts in messages("drop table t;" * (2 * MOST + 1))] == [MOST, MOST, 0]


def test_a_batch_is_a_piece_of_the_script_and_knows_its_statements() -> None:
    script = f"-- first\n{(ROW + ' -- why' + chr(10)) * FEWEST}"
    statements = split(script)
    (batch,) = batched(script, statements)
    assert script[batch.offset : batch.offset + len(batch.text)] == batch.text
    assert batch.parts == tuple(one.offset for one in statements)
    assert (batch.line, batch.column) == (2, 1)


def test_no_batch_is_larger_than_the_server_should_parse_at_once() -> None:
    row = f"insert into t values ('{'x' * 9_000}');"
    script = row * 500
    batches = list(batched(script, split(script)))
    assert len(batches) == 5
    assert all(len(one.text) <= LARGEST for one in batches)


def test_a_statement_that_is_larger_alone_stays_alone() -> None:
    row = f"insert into t values ('{'x' * LARGEST}');"
    assert kinds(row * 2) == [("INSERT", 0)] * 2


PIECES = st.lists(
    st.sampled_from([ROW, ROW * FEWEST, "select 1;", "insert into t select ';';", "/* ; */"]), max_size=12
)


@given(PIECES)
def test_nothing_is_lost_and_the_order_stays(pieces: list[str]) -> None:
    script = "\n".join(pieces)
    statements = split(script)
    found: list[int] = []
    for one in batched(script, statements):
        found += one.parts or (one.offset,)
    assert found == [one.offset for one in statements]


def test_it_takes_the_statements_as_they_come() -> None:
    def endless() -> object:
        for number in range(3):
            yield Statement("select 1", number * 9, 1, 1, "SELECT")
        raise AssertionError

    first = batched("select 1;" * 3, endless())  # type: ignore[arg-type]
    assert next(first).kind == "SELECT"
