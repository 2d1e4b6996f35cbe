"""What the server complains about is shown with file, line, column and a caret under the word."""

import pytest

from pipeline.errors import Failed
from pipeline.postgres.target import Target
from tests.support.sites import site

SCRIPTS = {
    "an unknown column": (
        "select 1;\nselect 2,\n       nowhere",
        "V1__x.sql:3:8",
        'column "nowhere" does not exist (SQLSTATE 42703)',
        "       nowhere\n       ^",
    ),
    "letters beyond ASCII before it": (
        "-- žluťoučký 🐎\nselect 'ďábelské ódy 🐎', nowhere;",
        "V1__x.sql:2:26",
        'column "nowhere" does not exist (SQLSTATE 42703)',
        "select 'ďábelské ódy 🐎', nowhere;\n                          ^",
    ),
    "the last of several on a line": (
        "select 1; select '日本' as x; select 1 +/* */ 'a'",
        "V1__x.sql:1:45",
        'invalid input syntax for type integer: "a" (SQLSTATE 22P02)',
        "select 1; select '日本' as x; select 1 +/* */ 'a'\n" + " " * 46 + "^",
    ),
    "an error without a position": (
        "create table a (id int primary key);\n\n  insert into a values (1), (1)",
        "V1__x.sql:3:3",
        'duplicate key value violates unique constraint "a_pkey" (SQLSTATE 23505)',
        "  insert into a values (1), (1)\n  ^\nKey (id)=(1) already exists.",
    ),
    "an error within a function": (
        "do $$\nbegin\n  perform 1 / 0;\nend $$",
        "V1__x.sql:1:1",
        "division by zero (SQLSTATE 22012)",
        'do $$\n^\nSQL statement "SELECT 1 / 0"\nPL/pgSQL function inline_code_block line 3 at PERFORM',
    ),
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_an_error_is_put_in_its_place(owner: Target, case: str) -> None:
    sql, where, what, why = SCRIPTS[case]
    with site(owner) as at, pytest.raises(Failed) as failure:
        at.up("1", sql)
    assert failure.value.where == f"migrations/{where}"
    assert failure.value.what == f"1 failed: {what}"
    assert failure.value.why == why


def test_a_syntax_error_that_only_the_server_sees_has_a_caret_too(owner: Target) -> None:
    with site(owner) as at, pytest.raises(Failed) as failure:
        at.unread("1", "create table ä (id int,\n  n inte ger)")
    assert failure.value.what == '1 failed: syntax error at or near "ger" (SQLSTATE 42601)'
    assert failure.value.where == "migrations/V1__x.sql:2:10"
    assert failure.value.why == "  n inte ger)\n         ^"


def test_the_servers_hint_is_what_there_is_to_do(owner: Target) -> None:
    with site(owner) as at, pytest.raises(Failed) as failure:
        at.up("1", "create table a (customer int); select custmer from a")
    assert failure.value.todo == 'Perhaps you meant to reference the column "a.customer".'
