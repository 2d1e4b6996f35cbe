"""Commands that we fill in ourselves mean what the driver would have made of them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.postgres.connect import connected
from pipeline.postgres.message import rows_of
from pipeline.postgres.run import Bound, answers, bound, rows, together
from pipeline.postgres.target import Target
from pipeline.sql.command import ByServer, Command

TEXTS = [
    "plain",
    "it's",
    "back\\slash and 'quote'",
    "%s %% %(name)s %",
    "{braces}",
    "é 😀",
    "",
    "; drop table t --",
    "$1",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("conforming", ["on", "off"])
def test_a_text_arrives_as_it_is(owner: Target, text: str, conforming: str) -> None:
    with connected(owner) as session:
        session.connection.execute(f"set standard_conforming_strings = {conforming}".encode())
        (result,) = together(
            session.connection, bound(session.connection, Command("select %s as one", values=(text,)))
        )
    assert rows_of(result) == [{"one": text}]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_arrives_as_it_is(owner: Target, text: str) -> None:
    with connected(owner) as session:
        (result,) = together(
            session.connection, bound(session.connection, Command("select %s as one", values=(text,)))
        )
    assert rows_of(result) == [{"one": text}]


def test_other_values_arrive_as_the_driver_sends_them(owner: Target) -> None:
    values = (None, 5, -5, 2**40, True, False, ["a", "b'c"], b"\0\xff")
    command = Command(
        "select %s::text as a, 1 -%s as b, 1 -%s as c, %s as d,"
        " %s as e, %s as f, %s::text[] as g, %s::bytea as h",
        values=values,
    )
    with connected(owner) as session:
        (result,) = together(session.connection, bound(session.connection, command))
        (by_driver,) = rows(session.connection, command)
    assert rows_of(result) == [
        {"a": None, "b": "-4", "c": "6", "d": str(2**40), "e": "t", "f": "f", "g": "{a,b'c}", "h": "\\x00ff"}
    ]
    assert by_driver["d"] == 2**40


@pytest.mark.parametrize("values", [(), ("%s",)])
def test_a_percent_sign_in_a_name_is_no_slot(owner: Target, values: tuple[str, ...]) -> None:
    text = (
        "select {column}, 7 %% 4 as rest, %s as value from {table}"
        if values
        else "select {column} from {table}"
    )
    column, table = 'a "%s" 100%', "t%%s"
    with connected(owner) as session:
        create = Command(
            "create temp table {table} as select 1 as {column}", {"table": (table,), "column": (column,)}
        )
        command = Command(text, {"table": (table,), "column": (column,)}, values)
        _, result = together(
            session.connection, bound(session.connection, create), bound(session.connection, command)
        )
    assert rows_of(result) == [{column: "1", **({"rest": "3", "value": "%s"} if values else {})}]


@pytest.mark.parametrize("values", [("a",), ("a", "b", "c")])
def test_slots_and_values_must_be_as_many(owner: Target, values: tuple[str, ...]) -> None:
    with connected(owner) as session, pytest.raises(ValueError, match="zip"):
        bound(session.connection, Command("select %s, %s", values=values))


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_the_one_that_failed_is_told(owner: Target, failing: int) -> None:
    commands = [
        Bound("select 1; select 2", commands=2),
        Bound("select 3"),
        Bound("select 4; select 5", commands=2),
    ]
    commands[failing] = Bound(
        commands[failing].text.rpartition("select")[0] + "select 1 / 0", commands[failing].commands
    )
    with connected(owner) as session:
        said = answers(session.connection, *commands)
        assert session.connection.execute("select 1").fetchone() == (1,)
    refusal = said.refusal
    assert refusal is not None
    assert refusal.bound is commands[failing]
    assert refusal.done == [1, 0, 1][failing]
    sent = "; ".join(command.text for command in commands)
    assert sent[refusal.ahead :].startswith(commands[failing].text)
    assert "division by zero" in str(refusal.error)
    assert len(said.results) == [1, 2, 4][failing]


def test_the_server_fills_in_how_long_a_message_took(owner: Target) -> None:
    took = Command("select %s::int", values=(ByServer.ELAPSED,))
    with connected(owner) as session:
        *_, answer = together(
            session.connection, Bound("select pg_sleep(0.2)"), bound(session.connection, took)
        )
    assert 200 <= int((answer.get_value(0, 0) or b"").decode()) < 20_000
