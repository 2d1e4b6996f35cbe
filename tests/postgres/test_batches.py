"""A batch is one message, and still each of its statements has its place, its error and its rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import Failed
from pipeline.postgres.connect import connected
from pipeline.postgres.executor import Executor
from pipeline.postgres.sending import _limit
from pipeline.postgres.target import Target
from pipeline.sql.batches import FEWEST, MOST, batched
from pipeline.sql.split import split
from tests.support.builders import migration
from tests.support.sites import LIMITS, Site, applied, ask, site

ROWS = "create table a (id int primary key, n int check (n < 100));\n"


def rows(numbers: Sequence[int]) -> str:
    return "".join(f"insert into a values ({number}, {number});\n" for number in numbers)


def up(at: Site, version: str, sql: str) -> None:
    Executor(at.work).up(migration(version, sql), tuple(batched(sql, split(sql))))


def test_all_its_rows_arrive_with_the_ledgers_row(owner: Target) -> None:
    with site(owner) as at:
        up(at, "1", ROWS + rows(range(90)))
    assert ask(owner, "select count(*), sum(n) from a") == [(90, sum(range(90)))]
    assert applied(owner) == [("1", True)]


ROWS_AROUND = (rows(range(40)), rows(range(60, 90)))
DEFINITIONS_AROUND = ("create index i on a (n);\n", "create index j on a (n);\n")


@pytest.mark.parametrize(
    ("around", "bad", "message"),
    [
        (ROWS_AROUND, "insert into a values (7, 7);", "duplicate key value violates unique constraint"),
        (ROWS_AROUND, "insert into a values (50, 500);", "violates check constraint"),
        (ROWS_AROUND, "insert into a values (50, x);", 'column "x" does not exist'),
        (ROWS_AROUND, "insert into nowhere values (1);", 'relation "nowhere" does not exist'),
        (DEFINITIONS_AROUND, "alter table a add id int;", 'column "id" of relation "a" already exists'),
        (DEFINITIONS_AROUND, "create index on a (nothing);", 'column "nothing" does not exist'),
        (DEFINITIONS_AROUND, "comment on table nowhere is 'no';", 'relation "nowhere" does not exist'),
    ],
)
def test_an_error_has_the_line_of_its_statement_and_nothing_stays(
    owner: Target, around: tuple[str, str], bad: str, message: str
) -> None:
    before, after = around
    script = f"{ROWS}{before}{bad}\n{after}"
    with site(owner) as at, pytest.raises(Failed, match=message) as failure:
        up(at, "1", script)
    line = f"{ROWS}{before}".count("\n") + 1
    assert str(failure.value.where).startswith(f"migrations/V1__x.sql:{line}:")
    assert bad.split("(", maxsplit=1)[0].strip() in str(failure.value.why)
    assert ask(owner, "select to_regclass('public.a') is null") == [(True,)]


def test_a_trigger_that_fails_in_the_middle_is_told_by_its_statement(owner: Target) -> None:
    trigger = (
        "create function no() returns trigger language plpgsql as"
        " $$ begin if new.id = 33 then raise exception 'not 33'; end if; return new; end $$;"
        " create trigger t before insert on a for each row execute function no();\n"
    )
    with site(owner) as at, pytest.raises(Failed, match="not 33") as failure:
        up(at, "1", f"{ROWS}{trigger}{rows(range(40))}")
    assert str(failure.value.where) == "migrations/V1__x.sql:36:1"


def test_the_answer_to_several_definitions_is_waited_for_as_long_as_to_each_of_them(owner: Target) -> None:
    with connected(owner, patience=timedelta(seconds=10)) as session:
        waited = [_limit(session.connection, statements) for statements in (0, 1, 3, MOST, FEWEST)]
    assert waited == [None, None, 33.0, 103.0, None]


def views(*seconds: float) -> str:
    """A materialized view in each line, which takes so long to make."""
    return "".join(
        f"create materialized view v{number} as select 1 from pg_sleep({time});\n"
        for number, time in enumerate(seconds)
    )


def test_each_definition_of_a_message_has_the_whole_time_of_a_statement(owner: Target) -> None:
    with site(owner, limits=replace(LIMITS, statement=timedelta(seconds=1))) as at:
        up(at, "1", views(0.4, 0.4, 0.4))
        with pytest.raises(Failed, match="statement timeout") as failure:
            up(at, "2", f"drop materialized view v0;\n{views(2)}")
    assert str(failure.value.where) == "migrations/V2__x.sql:2:1"
