"""Eight runs at once: each migration is applied exactly once, nobody waits in a circle, nobody fails."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pipeline.errors import Busy
from pipeline.postgres.target import Target
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from tests.support.projects import SmallProject, ask
from tests.support.torture import times

RUNNERS = 8
ROUNDS = times(10)
TWICE = "select count(*) from (select from pipeline.applied group by migration having count(*) <> 1) as s"
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"


def run_at_once(small: SmallProject) -> list[int]:
    """How many migrations each runner applied; -1: it was told that others are at work."""
    start = Barrier(RUNNERS)
    project = small.project()

    def one(number: int) -> int:
        start.wait(30)
        try:
            return len(migrate(Request(project, "prod", small.environ, f"r-{number}")).applied)
        except Busy:
            return -1

    with ThreadPoolExecutor(RUNNERS) as pool:
        return list(pool.map(one, range(RUNNERS)))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_many_runs_at_once_one_applies_and_the_others_find_nothing_to_do(
    small: SmallProject, database: Target, _round: int
) -> None:
    """The release holds a CREATE INDEX CONCURRENTLY, which waits for every transaction that is open."""
    small.configure(prod={"protected": False})
    applied = run_at_once(small)
    assert sorted(set(applied) - {-1, 0}) == [8], applied
    assert (ask(small.prod, TWICE), ask(database, DEADLOCKS)) == (0, 0)
    assert ask(database, "select bool_and(indisvalid) from pg_index") is True


def test_a_runner_that_may_not_wait_says_who_is_at_work(small: SmallProject) -> None:
    small.configure(prod={"protected": False, "limits": {"advisory_lock": "1ms"}})
    applied = run_at_once(small)
    assert 8 in applied
    assert set(applied) <= {8, 0, -1}
