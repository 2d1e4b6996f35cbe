"""A script that is one BEGIN … COMMIT block is what stands between the two; anything else is left as it is."""

import pytest

from pipeline.sql.block import inner
from pipeline.sql.split import split

ONE_BLOCK = [
    "begin; create table t (); commit;",
    "BEGIN WORK;\n-- why\ncreate table t ();\nEND TRANSACTION",
    "start transaction; create table t (); commit work;",
]
NO_BLOCK = [
    "create table t ();",
    "begin",
    "begin; create table t ();",
    "create table t (); commit;",
    "begin; create table t (); commit; create table u ();",
    "begin; create table t (); commit; begin; create table u (); commit;",
    "begin; create table t (); rollback;",
    "begin; create table t (); commit and chain;",
    "begin isolation level serializable; create table t (); commit;",
    "begin; create table t (); prepare transaction 'x'; select 1; commit;",
    "begin; create index concurrently i on t (a); commit;",
]


@pytest.mark.parametrize("sql", ONE_BLOCK)
def test_of_one_block_what_stands_inside_is_run(sql: str) -> None:
    statements = split(sql)
    assert [one.text for one in statements[inner(statements)]] == ["create table t ()"]


def test_savepoints_belong_to_the_block_around_them() -> None:
    statements = split("begin; savepoint a; create table t (); rollback to a; release a; commit;")
    assert [one.kind for one in statements[inner(statements)]] == [
        "SAVEPOINT",
        "CREATE TABLE",
        "ROLLBACK TO SAVEPOINT",
        "RELEASE",
    ]


@pytest.mark.parametrize("sql", NO_BLOCK)
def test_anything_else_is_left_as_it_is(sql: str) -> None:
    statements = split(sql)
    assert statements[inner(statements)] == statements
