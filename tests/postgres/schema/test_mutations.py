"""Every single change of the catalogue moves the fingerprint and is named, exactly and alone."""

from collections import Counter

import pytest

from pipeline.postgres.connect import Connection
from pipeline.schema.diff import KINDS, SETTING, diff, diff_settings
from pipeline.schema.digest import fingerprint, order_digest
from pipeline.schema.snapshot import take
from tests.postgres.schema.dumps import digests
from tests.postgres.schema.mutations.catalogue import MUTATIONS
from tests.postgres.schema.mutations.mutation import BASE, Mutation
from tests.postgres.schema.shop import SHOP

NEVER_ALONE = {
    ("access method", "type"),
    ("aggregate", "returns"),
    ("index", "table"),
    ("operator", "result"),
    ("statistics", "table"),
}
"""What cannot change without something else that changes with it."""

NEVER = {
    ("attribute", "not null"),
    ("materialized view", "persistence"),
    *(("procedure", name) for name in ("cost", "leakproof", "parallel", "strict", "volatility")),
}
"""What cannot change, since only others of the same catalog have a choice."""


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


@pytest.mark.parametrize("server", [18], indirect=True)
def test_every_property_of_every_kind_has_its_change(connection: Connection) -> None:
    connection.execute(SHOP)
    objects = take(connection, ["shop", "public"]).objects
    found = {
        (key.kind, name.partition(" of ")[0]) for key, properties in objects.items() for name in properties
    }
    changed = {(one.kind, (one.what or "").partition(" of ")[0]) for one in MUTATIONS}
    assert found - changed == NEVER_ALONE | NEVER
    assert {one.kind for one in MUTATIONS} == {*KINDS, SETTING}


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
