"""Every single change of the catalogue moves the fingerprint and is named, exactly and alone."""

from collections import Counter

import pytest

from pipeline.postgres.connect import Connection
from pipeline.schema.diff import diff, diff_settings
from pipeline.schema.digest import fingerprint, order_digest
from pipeline.schema.snapshot import take
from tests.postgres.schema.dumps import digests
from tests.postgres.schema.mutations.catalogue import MUTATIONS
from tests.postgres.schema.mutations.mutation import BASE, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_single_change_moves_the_fingerprint_and_is_named_alone(
    transaction: Connection, mutation: Mutation
) -> None:
    major = transaction.info.server_version // 10000
    if major < mutation.since:
        pytest.skip(f"PostgreSQL {major} does not know this change")
    transaction.execute(BASE + mutation.setup)  # pyright: ignore[reportArgumentType,reportCallIssue]
    before = take(transaction, ["public"])
    transaction.execute(mutation.change)  # pyright: ignore[reportArgumentType,reportCallIssue]
    after = take(transaction, ["public"])
    found = (*diff(before, after), *diff_settings(before, after))
    assert [(one.key, one.property) for one in found] == [(mutation.key, mutation.what)]
    assert digests(before) != digests(after)


def test_no_change_stands_twice_in_the_catalogue() -> None:
    changes = Counter((one.setup, one.change) for one in MUTATIONS)
    assert [change for change, count in changes.items() if count > 1] == []
    assert len(changes) >= 150


def test_a_column_dropped_and_added_again_is_only_reordered(transaction: Connection) -> None:
    transaction.execute("create table t (id int, a text, b int)")
    before = take(transaction, ["public"])
    transaction.execute("alter table t drop a; alter table t add a text")
    after = take(transaction, ["public"])
    assert [(one.change, one.key, one.after) for one in diff(before, after)] == [
        ("reordered", ("table", "public.t"), "id, b, a")
    ]
    assert fingerprint(before) == fingerprint(after)
    assert order_digest(before) != order_digest(after)
