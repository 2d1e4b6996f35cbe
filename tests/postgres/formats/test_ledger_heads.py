"""The head of a ledger changes with every write to it, whoever writes, and with nothing else."""

from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest
from psycopg import sql

from pipeline.errors import Refused
from pipeline.formats.interface import Ledger
from tests.postgres.formats.places import Kept, at_work

UNTOUCHED = [
    "select * from {table}",
    "select * from {table} for update",
    "analyze {table}",
    "vacuum (freeze) {table}",
    "vacuum (full) {table}",
    "create index other on {table} ((1))",
    "create table public.another as select 1 as one",
    "comment on table {table} is 'words'",
    "delete from {table} where false",
]
TOUCHED: Mapping[str, Callable[[Kept], object]] = {
    "an update": lambda here: by_hand(here, "update {table} set {column} = {column}"),
    "a removed row": lambda here: by_hand(here, "delete from {table}"),
    "an emptied table": lambda here: by_hand(here, "truncate {table}"),
    "the same rows anew": lambda here: by_hand(
        here, "with gone as (delete from {table} returning *) insert into {table} select * from gone"
    ),
}


def by_hand(here: Kept, statement: str) -> None:
    column = sql.Identifier("script" if here.place.format_name == "flyway" else "dirty")
    if here.place.format_name == "prisma":
        column = sql.Identifier("logs")
    table = sql.Identifier(*here.place.ledger.table)
    composed = sql.SQL(statement).format(table=table, column=column)  # pyright: ignore[reportArgumentType]
    here.session.connection.execute(composed)


def begin(here: Kept) -> Ledger:
    """A ledger with one applied migration."""
    ledger = here.place.ledger
    first = here.place.release.migrations[0]
    here.create()
    here.write([*ledger.started(first), *ledger.finished(first, 1)])
    return ledger


def test_it_changes_with_everything_that_we_write(here: Kept) -> None:
    first, second, *_ = here.place.release.migrations
    heads = [here.head()]
    ledger = begin(here)
    heads.append(here.head())
    for commands in (
        ledger.started(second),
        ledger.finished(second, 1),
        ledger.undone(second, first),
        ledger.undone(first, None),
    ):
        if commands:
            here.write(commands)
            heads.append(here.head())
    assert all(before != after for before, after in pairwise(heads))
    assert len(heads) == (5 if here.place.format_name == "flyway" else 6)


@pytest.mark.parametrize("write", TOUCHED)
def test_it_changes_with_what_others_write(here: Kept, write: str) -> None:
    begin(here)
    before = here.head()
    TOUCHED[write](here)
    assert here.head() != before


def test_it_changes_with_nothing_else(here: Kept) -> None:
    begin(here)
    before = here.head()
    for statement in UNTOUCHED:
        by_hand(here, statement)
        assert here.head() == before, statement


def test_a_write_that_is_rolled_back_leaves_it(here: Kept) -> None:
    ledger = begin(here)
    before = here.head()
    with here.session.connection.transaction(force_rollback=True):
        here.write(ledger.finished(here.place.release.migrations[1], 1))
        by_hand(here, "delete from {table}")
        assert here.head() != before
    assert here.head() == before


def test_a_ledger_that_moved_between_the_look_and_the_work_is_refused(here: Kept) -> None:
    begin(here)
    planned_on = here.history()
    by_hand(here, "delete from {table}")
    with at_work(here) as site:
        with pytest.raises(Refused, match="changed while we were at work"):
            site.must_read(planned_on)
        site.must_read(here.history())
