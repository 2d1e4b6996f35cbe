"""What we leave in schema_migrations is what golang-migrate leaves: one row at most, dirty or clean."""

from collections.abc import Generator

import pytest

from pipeline.postgres.target import Target
from tests.postgres.formats.places import USUAL, Kept, kept, one

GOLANG = USUAL["golang-migrate"]
LEDGER = GOLANG.ledger
FIRST, SECOND = one(GOLANG, "1_create_a.up.sql"), one(GOLANG, "0020_two_questions.up.sql")
HIGHEST = 2**63 - 1


@pytest.fixture
def golang(owner: Target) -> Generator[Kept]:
    with kept(owner, GOLANG) as ledger:
        ledger.create()
        yield ledger


def head(golang: Kept) -> list[tuple[object, object]]:
    return [(row["version"], row["dirty"]) for row in golang.rows()]


def test_the_table_that_is_there_already_stays_as_it_is(golang: Kept) -> None:
    golang.write(LEDGER.finished(FIRST, 1))
    golang.create()
    assert head(golang) == [(1, False)]


def test_the_head_moves_on_dirty_and_becomes_clean(golang: Kept) -> None:
    seen: list[list[tuple[object, object]]] = []
    for migration in (FIRST, SECOND):
        golang.write(LEDGER.started(migration))
        seen.append(head(golang))
        golang.write(LEDGER.finished(migration, 1))
        seen.append(head(golang))
    assert seen == [[(1, True)], [(1, False)], [(20, True)], [(20, False)]]


def test_undone_goes_back_to_the_version_before_and_then_to_no_row(golang: Kept) -> None:
    golang.write(LEDGER.finished(SECOND, 1))
    golang.write(LEDGER.undone(SECOND, FIRST))
    assert head(golang) == [(1, False)]
    golang.write(LEDGER.undone(FIRST, None))
    assert head(golang) == []


def test_the_highest_number_that_the_table_can_hold_is_held(golang: Kept) -> None:
    highest = one(GOLANG, f"{HIGHEST}_x.up.sql")
    golang.write(LEDGER.finished(highest, 1))
    assert head(golang) == [(HIGHEST, False)]
    assert [row.version for row in golang.history().rows] == [str(HIGHEST)]


def test_readers_do_not_wait_for_our_commit(golang: Kept, owner: Target) -> None:
    golang.write(LEDGER.finished(FIRST, 1))
    with golang.session.connection.transaction():
        golang.write(LEDGER.finished(SECOND, 1))
        with kept(owner, GOLANG) as reader:
            reader.session.connection.execute("set statement_timeout = '5s'")
            assert head(reader) == [(1, False)]
