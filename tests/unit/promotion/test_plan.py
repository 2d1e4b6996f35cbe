"""The plan's digest changes when anything that matters does, and with nothing else."""

from dataclasses import replace

import pytest

from pipeline.formats.model import Release
from pipeline.promotion.plan import Plan, Start, digest_of, make
from pipeline.sql.split import split
from tests.support.builders import migration

START = Start("sha256:a", 18, {"plpgsql": "1.0"}, [("1", "x", "1")])


def a_plan(
    *,
    up: str = "select 1",
    beside: str = "select 0",
    tool: str = "1",
    start: Start = START,
    schemas: str = "public",
) -> Plan:
    one = migration("2", up)
    return make(
        tool_version=tool,
        release=Release("flyway", (migration("1", beside), one)),
        configuration={"schemas": schemas},
        start=start,
        pending=[(one, split(up))],
    )


def test_two_plans_of_the_same_things_have_one_digest() -> None:
    assert a_plan().digest == a_plan().digest


@pytest.mark.parametrize(
    "other",
    [
        a_plan(up="select 2"),
        a_plan(beside="select 3"),
        a_plan(tool="2"),
        a_plan(schemas="app"),
        a_plan(start=replace(START, fingerprint="sha256:b")),
        a_plan(start=replace(START, server_major=17)),
        a_plan(start=replace(START, extensions={"plpgsql": "1.1"})),
        a_plan(start=replace(START, history=[])),
    ],
    ids=["bytes", "release", "tool", "configuration", "fingerprint", "major", "extension", "history"],
)
def test_the_digest_changes_with(other: Plan) -> None:
    assert other.digest != a_plan().digest


def test_the_digest_of_scripts_knows_where_one_ends_and_the_next_begins() -> None:
    assert digest_of([("1", "ab"), ("2", "c")]) != digest_of([("1", "a"), ("2", "bc")])
    assert digest_of([("1", "a"), ("2", "b")]) != digest_of([("2", "b"), ("1", "a")])


def test_a_statement_outside_a_transaction_is_planned_as_such() -> None:
    plan = a_plan(up="create index concurrently i on t (a)")
    assert [one.transactional for one in plan.migrations[0].statements] == [False]
