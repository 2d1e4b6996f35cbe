"""The rows that we write into _prisma_migrations are those that Prisma would have written."""

from collections.abc import Generator
from datetime import datetime
from typing import cast
from uuid import UUID

import pytest

from pipeline.postgres.target import Target
from tests.postgres.formats.places import ONE, USUAL, Kept, kept, one

PRISMA = USUAL["prisma"]
LEDGER = PRISMA.ledger
NAME = "20240131093000_create_a"
CHECKSUM = "780cd65365cbfe31c11fdb4fc7bb925f12a9e467c577d65c840cd25d517e9d90"
MIGRATION = one(PRISMA, f"{NAME}/migration.sql", ONE)
ROLL_BACK = "update public._prisma_migrations set rolled_back_at = pg_catalog.now() where finished_at is null"


@pytest.fixture
def prisma(owner: Target) -> Generator[Kept]:
    with kept(owner, PRISMA) as ledger:
        ledger.create()
        yield ledger


def clock(prisma: Kept) -> datetime:
    (now,) = next(iter(prisma.session.connection.execute("select pg_catalog.clock_timestamp()")))
    return cast("datetime", now)


def test_a_migration_that_has_begun_is_a_row_without_an_end(prisma: Kept) -> None:
    before = clock(prisma)
    prisma.write(LEDGER.started(MIGRATION))
    (row,) = prisma.rows()
    assert before <= cast("datetime", row.pop("started_at")) <= clock(prisma)
    identifier = UUID(str(row["id"]))
    assert (identifier.version, str(identifier)) == (4, row.pop("id"))
    assert row == {
        "checksum": CHECKSUM,
        "finished_at": None,
        "migration_name": NAME,
        "logs": None,
        "rolled_back_at": None,
        "applied_steps_count": 0,
    }


def test_a_migration_that_is_done_is_the_same_row_with_one_step_and_an_end(prisma: Kept) -> None:
    prisma.write(LEDGER.started(MIGRATION))
    (begun,) = prisma.rows()
    prisma.write(LEDGER.finished(MIGRATION, 5))
    (row,) = prisma.rows()
    assert cast("datetime", begun["started_at"]) < cast("datetime", row["finished_at"]) <= clock(prisma)
    assert row == {**begun, "finished_at": row["finished_at"], "applied_steps_count": 1}


def test_start_and_end_are_moments_of_their_own_in_one_transaction_too(prisma: Kept) -> None:
    prisma.write([*LEDGER.started(MIGRATION), *LEDGER.finished(MIGRATION, 5)])
    (row,) = prisma.rows()
    assert cast("datetime", row["started_at"]) < cast("datetime", row["finished_at"])


def test_a_migration_that_is_resumed_has_no_second_row(prisma: Kept) -> None:
    prisma.write(LEDGER.started(MIGRATION))
    prisma.write(LEDGER.started(MIGRATION))
    prisma.write(LEDGER.finished(MIGRATION, 5))
    assert [row["applied_steps_count"] for row in prisma.rows()] == [1]


def test_a_row_that_was_rolled_back_stays_as_it_is_beside_the_new_one(prisma: Kept) -> None:
    prisma.write(LEDGER.started(MIGRATION))
    prisma.session.connection.execute(ROLL_BACK)
    (old,) = prisma.rows()
    prisma.write(LEDGER.started(MIGRATION))
    prisma.write(LEDGER.finished(MIGRATION, 5))
    rows = prisma.rows()
    assert len(rows) == 2
    assert old in rows
    assert [row.success for row in prisma.history().rows] == [False, True]


def test_undone_removes_the_applied_row_and_no_other(prisma: Kept) -> None:
    other = one(PRISMA, "20240201000000_other/migration.sql")
    prisma.write(LEDGER.started(MIGRATION))
    prisma.session.connection.execute(ROLL_BACK)
    for each in (MIGRATION, other):
        prisma.write([*LEDGER.started(each), *LEDGER.finished(each, 5)])
    prisma.write(LEDGER.undone(MIGRATION, None))
    assert [(row.script, row.success) for row in prisma.history().rows] == [
        (NAME, False),
        ("20240201000000_other", True),
    ]
