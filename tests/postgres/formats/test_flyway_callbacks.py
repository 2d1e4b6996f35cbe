"""Callbacks run when Flyway would run them, in the transaction in which Flyway would run them."""

from collections.abc import Sequence

import pytest

from pipeline.errors import Failed
from pipeline.formats import FORMATS
from pipeline.formats.model import Event, Release
from pipeline.postgres.executor import Executor
from pipeline.postgres.target import Target
from pipeline.steps.calls import Calls
from pipeline.steps.prepare import callbacks, prepare
from tests.support.sites import Site, applied, ask, site
from tests.unit.formats.build import sources

LOG = "create table log (id serial, said text);\n"
SAID = "select string_agg(said, ' ' order by id) from log"


def note(word: str) -> str:
    return f"insert into log (said) values ('{word}');\n"


def release(files: dict[str, str]) -> Release:
    return FORMATS["flyway"].read(sources(files), {}).release


def run(at: Site, made: Release, events: Sequence[Event] = ()) -> None:
    executor = Executor(at.work)
    calls = Calls(executor, callbacks(made))
    for migration in made.migrations:
        prepared = prepare(migration)
        calls.before(prepared)
        executor.up(migration, prepared.up, around=prepared.around)
    for event in events:
        calls.at(event)


def test_what_is_around_a_migration_commits_with_it(owner: Target) -> None:
    files = {"V1__log.sql": LOG, "afterEachMigrate.sql": note("after"), "V2__x.sql": note("two")}
    with site(owner) as at:
        run(at, release(files))
    assert ask(owner, SAID) == [("after two after",)]
    assert applied(owner) == [("1", True), ("2", True)]


@pytest.mark.parametrize("event", ["beforeEachMigrate", "afterEachMigrate"])
def test_what_fails_around_a_migration_takes_it_back(owner: Target, event: str) -> None:
    made = release({"V1__log.sql": LOG, f"{event}.sql": "select 1;\nselect 1/0;\n"})
    with site(owner) as at, pytest.raises(Failed, match="division by zero") as caught:
        run(at, made)
    assert str(caught.value.where).startswith(f"migrations/{event}.sql:2")
    assert applied(owner) == []


def test_what_is_around_a_migration_outside_of_a_transaction_runs_too(owner: Target) -> None:
    index = "create index concurrently log_id on log (id);\n"
    files = {"V1__log.sql": LOG, "V2__i.sql": index}
    with site(owner) as at:
        run(at, release({"V1__log.sql": LOG}))
        second = release(
            {**files, "beforeEachMigrate.sql": note("before"), "afterEachMigrate.sql": note("after")}
        )
        prepared = prepare(second.migrations[1])
        Executor(at.work).up(prepared.migration, prepared.up, around=prepared.around)
    assert ask(owner, SAID) == [("before after",)]


def test_versioned_migrations_end_before_repeatables_begin(owner: Target) -> None:
    files = {"V1__log.sql": LOG, "R__v.sql": note("v"), "R__w.sql": note("w")}
    calls = {f"{event}.sql": note(event) for event in ("afterVersioned", "beforeRepeatables", "afterMigrate")}
    with site(owner) as at:
        run(at, release({**files, **calls}), [Event.END])
    assert ask(owner, SAID) == [("afterVersioned beforeRepeatables v w afterMigrate",)]


def test_a_callback_leaves_the_session_as_it_found_it(owner: Target) -> None:
    files = {"beforeMigrate.sql": "set search_path = pg_catalog;\nset work_mem = '1MB';\n", "V1__log.sql": LOG}
    with site(owner) as at:
        calls = Calls(Executor(at.work), callbacks(release(files)))
        assert calls.at(Event.BEGIN)
        run(at, release({"V1__log.sql": LOG}))
    assert ask(owner, "select count(*) from public.log") == [(0,)]


def test_a_callback_that_cannot_run_in_a_transaction_runs_outside(owner: Target) -> None:
    with site(owner) as at:
        calls = Calls(Executor(at.work), callbacks(release({"afterMigrate.sql": "vacuum;\n"})))
        assert calls.at(Event.END)
        assert not calls.at(Event.FAILED)


def test_a_callback_may_write_to_the_ledger_without_stopping_the_run(owner: Target) -> None:
    touch = "update flyway_schema_history set description = description;\n"
    with site(owner) as at:
        run(at, release({"V1__log.sql": LOG}))
        calls = Calls(Executor(at.work), callbacks(release({"afterVersioned.sql": touch})))
        calls.end()
        at.up("2", "select 1")
    assert applied(owner) == [("1", True), ("2", True)]
