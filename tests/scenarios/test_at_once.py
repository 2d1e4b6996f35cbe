"""Eight runs at once: each migration is applied exactly once, nobody waits in a circle, nobody fails.

Meanwhile somebody waits for the format's own lock, as its tool does, and holders are killed while they build.
"""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier, Event

import psycopg
import pytest

from pipeline.errors import Busy, PipelineError
from pipeline.formats import FORMATS, golang_migrate
from pipeline.postgres.connect import Connection
from pipeline.postgres.target import Target
from pipeline.progress import Listener, Silent
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from tests.support import crashing, releases
from tests.support.processes import becomes
from tests.support.projects import At, SmallProject, ask
from tests.support.releases import STEPS
from tests.support.sites import building, bystander, site, up, waits_for
from tests.support.torture import at_depth, times

RUNNERS = 8
ROUNDS = times(10)
HOLDERS = at_depth(2, 20)
TWICE = "select count(*) from (select from pipeline.applied group by migration having count(*) <> 1) as s"
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
VALID = "select bool_and(indisvalid) from pg_index"
BUILD = "create index concurrently i on a (id)"

pytestmark = [pytest.mark.acceptance("AT-05"), pytest.mark.timeout(300)]


def run_at_once(small: SmallProject, runners: int = RUNNERS, listener: Listener | None = None) -> list[int]:
    """How many migrations each runner applied; -1: it was told that others are at work."""
    start = Barrier(runners)
    project = small.project()

    def one(number: int) -> int:
        start.wait(30)
        request = Request(project, "prod", small.environ, f"r-{number}", listener=listener or Silent())
        try:
            return len(migrate(request).applied)
        except Busy:
            return -1

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(one, range(runners)))


def waits_inside_the_server(connection: Connection, key: int) -> None:
    """As golang-migrate and Prisma do."""
    connection.execute("select pg_advisory_lock(%s)", [key])
    connection.execute("select pg_advisory_unlock(%s)", [key])


def asks_in_a_transaction(connection: Connection, key: int) -> None:
    """As Flyway does."""
    with connection.transaction():
        for _ in range(5):
            connection.execute("select pg_try_advisory_xact_lock(%s)", [key])


@contextmanager
def its_tool_waits(target: Target, format_name: str) -> Generator[Future[int]]:
    """The format's own tool wants its lock, over and over, for the length of a block; how often it got it."""
    key = FORMATS[format_name].ledger("public", {}).lock_key(target.resolve()["dbname"])
    wait = asks_in_a_transaction if format_name == "flyway" else waits_inside_the_server
    stop, begun = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        try:
            waiting = pool.submit(over_and_over, target, wait, key, stop, begun)
            begun.wait(10)
            yield waiting
        finally:
            stop.set()


def over_and_over(
    target: Target, wait: Callable[[Connection, int], None], key: int, stop: Event, begun: Event
) -> int:
    number = 0
    with bystander(target, "the real tool") as connection:
        while not stop.wait(0.005):
            begun.set()
            wait(connection, key)
            number += 1
    return number


@pytest.mark.parametrize("number", range(ROUNDS))
def test_of_many_runs_at_once_one_applies_and_the_others_find_nothing_to_do(
    small: SmallProject, database: Target, number: int
) -> None:
    """The release holds a CREATE INDEX CONCURRENTLY, which waits for every transaction that is open."""
    format_name = releases.FORMATS[number % len(releases.FORMATS)]
    small.configure(prod={"protected": False})
    small.release(format_name, releases.files(format_name))
    with its_tool_waits(database, format_name) as waiting:
        applied = run_at_once(small)
    assert sorted(set(applied) - {-1, 0}) == [len(STEPS)], applied
    assert sum(one > 0 for one in applied) == 1
    assert (ask(small.prod, TWICE), ask(database, DEADLOCKS)) == (0, 0)
    assert ask(database, VALID) is True
    assert waiting.result(30) > 0


def test_a_lock_that_is_kept_while_an_index_is_built_would_be_a_deadlock(
    owner: Target, database: Target
) -> None:
    """So that the rounds above mean something."""
    keeping = replace(golang_migrate.GolangMigrate(), keeps_lock_during_concurrently=True)
    up(owner, "1", "create table a (id int)", "golang-migrate")
    with site(owner, "golang-migrate") as at, bystander(database, autocommit=False) as writer:
        at.work.format = keeping
        writer.execute("insert into a values (1)")
        with ThreadPoolExecutor(2) as pool:
            built = pool.submit(at.up, "2", BUILD)
            building(database)
            with bystander(database, "the real tool") as tool:
                waited = pool.submit(waits_inside_the_server, tool, at.work.key)
                waits_for(database, "select from pg_locks where locktype = 'advisory' and not granted")
                writer.rollback()
                endings = [built.exception(30), waited.exception(30)]
    died = [one for one in endings if isinstance(one, PipelineError | psycopg.errors.DeadlockDetected)]
    assert len(died) == 1, endings
    assert "deadlock" in str(died[0])


@pytest.mark.parametrize("_round", range(HOLDERS))
def test_whoever_follows_a_holder_that_was_killed_begins_when_its_backend_is_gone(
    small: SmallProject, database: Target, _round: int
) -> None:
    small.configure(prod={"protected": False})
    small.release("flyway", dict(list(releases.files("flyway").items())[:2]))
    assert max(run_at_once(small, 1)) == 2
    small.release("flyway", releases.files("flyway"))
    gone: list[bool] = []
    with ThreadPoolExecutor(1) as pool, bystander(database, autocommit=False) as writer:
        writer.execute("update people set seen = seen")
        holder = crashing.start_migrating(small.root, small.environ)
        building(database)
        zombie = ask(database, "select pid from pg_stat_activity where query ilike 'create unique index%'")
        holder.kill()
        assert crashing.ended(holder) == crashing.KILLED
        gone_now = f"select not exists (select from pg_stat_activity where pid = {zombie})"
        listener = At(
            {"started apply": lambda: gone.append(becomes(lambda: bool(ask(database, gone_now)), 0.3))}
        )
        following = pool.submit(run_at_once, small, 3, listener)
        waits_for(database, f"select where ({gone_now})")
        building(database)
        writer.rollback()
        applied = following.result(60)
    assert (sorted(applied), gone) == ([0, 0, len(STEPS) - 2], [True])
    assert (ask(small.prod, TWICE), ask(database, VALID)) == (0, True)


def test_a_runner_that_may_not_wait_says_who_is_at_work(small: SmallProject) -> None:
    small.configure(prod={"protected": False, "limits": {"advisory_lock": "1ms"}})
    applied = run_at_once(small)
    assert 8 in applied
    assert set(applied) <= {8, 0, -1}
