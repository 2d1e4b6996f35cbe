"""Whatever changes ``pg_dump -s`` changes a digest: pg_dump is the oracle, and one that can say no.

Changes are committed here, each in a database of its own, since pg_dump sees nothing else. Every change is also
judged blindly, with what it changes taken out of both snapshots: there the oracle must object, or it would
object to nothing.
"""

from collections.abc import Generator
from dataclasses import replace

import pytest

from pipeline.schema.diff import SETTING
from pipeline.schema.digest import fingerprint
from pipeline.schema.model import ObjectKey, Properties
from pipeline.schema.names import NESTED, split_name
from tests.postgres.schema.dumps import Database, State, digests, overlooked, scratch
from tests.postgres.schema.mutations.catalogue import MUTATIONS
from tests.postgres.schema.mutations.mutation import BASE, Mutation
from tests.postgres.schema.mutations.settings import SECRETS
from tests.support.servers import TestServer

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

NOTHING = (
    ("insert into t values (1)", ""),
    ("analyze t", ""),
    ("select nextval('s')", "create sequence s;"),
    ("grant select on t to postgres", ""),
    ("grant select on t to app", "grant insert, select on t to app;"),
    ("comment on table t is ''", ""),
    ("alter table t alter a set default 'x'", "alter table t alter a set default 'x';"),
    ("create or replace view v as select id from t", "create view v as select t.id from t;"),
    ("alter table t add b int; alter table t drop b", ""),
    ("alter table t set (fillfactor = 70); alter table t reset (fillfactor)", ""),
    ("refresh materialized view m", "create materialized view m as select id from t;"),
    ("reindex table t", ""),
    ("create temporary table gone (id int)", ""),
)
"""Changes, each with its setup, that leave a schema what it was."""


@pytest.fixture
def database(spacious: TestServer) -> Generator[Database]:
    """A database of the test's own, with what stands before every change."""
    with scratch(spacious) as database:
        database.change(BASE)
        yield database


@pytest.fixture(scope="session")
def befores() -> dict[str, State]:
    """What stood before a change, by its setup: many changes have the same."""
    return {}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_what_pg_dump_sees_has_another_digest(
    database: Database, befores: dict[str, State], mutation: Mutation
) -> None:
    database.change(mutation.setup)
    before = befores.get(mutation.setup) or database.state()
    befores[mutation.setup] = before
    database.change(mutation.change)
    after = database.state()
    assert digests(before.snapshot) != digests(after.snapshot)
    assert (before.dump != after.dump) is mutation.dumped
    assert overlooked(blind(before, mutation), blind(after, mutation)) is mutation.dumped


@pytest.mark.parametrize(("change", "setup"), NOTHING)
def test_what_pg_dump_does_not_see_and_no_digest_tells_is_no_change(
    database: Database, change: str, setup: str
) -> None:
    database.change(setup)
    before = database.state()
    database.change(change)
    after = database.state()
    assert before == after


@pytest.mark.parametrize(("change", "setup"), SECRETS.items())
def test_a_secret_is_all_that_pg_dump_sees_beyond_us(database: Database, change: str, setup: str) -> None:
    database.change(setup)
    before = database.state()
    database.change(change)
    after = database.state()
    assert overlooked(before, after)
    assert before.snapshot == after.snapshot
    assert not any(word in repr(after.snapshot) for word in ("canary", "hush"))


def test_a_column_that_only_moved_is_no_difference_to_either(database: Database) -> None:
    before = database.state()
    database.change("alter table t drop a; alter table t add a text")
    after = database.state()
    assert before.dump == after.dump
    assert fingerprint(before.snapshot) == fingerprint(after.snapshot)
    assert digests(before.snapshot) != digests(after.snapshot)


def blind(state: State, mutation: Mutation) -> State:
    """The same, to eyes that do not see what the mutation changes."""
    seen = state.snapshot
    if mutation.kind == SETTING:
        settings = {name: value for name, value in seen.settings.items() if name != mutation.name}
        return replace(state, snapshot=replace(seen, settings=settings))
    objects: dict[ObjectKey, Properties] = dict(seen.objects)
    properties = objects.pop(mutation.key, {})
    order = dict(seen.column_order)
    if mutation.what is not None:
        objects[mutation.key] = {name: value for name, value in properties.items() if name != mutation.what}
    else:
        order.pop(mutation.name, None)
        table, column = split_name(mutation.name) if mutation.kind in NESTED else ("", "")
        order[table] = tuple(name for name in order.get(table, ()) if name != column)
    return replace(state, snapshot=replace(seen, objects=objects, column_order=order))
