"""The server is stopped at once, or loses our backend: nothing acknowledged is lost, and a rerun converges.

The role would not have its commits waited for (``synchronous_commit = off``); a test shows what that costs
whoever does not set it for himself.
"""

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.conftest import lack
from tests.support import crashing
from tests.support import servers as support
from tests.support.mortal import Mortal, mortal
from tests.support.projects import SmallProject, ask, execute
from tests.support.reruns import Place
from tests.support.torture import at_depth

DEATHS = at_depth(3, 40)
MAJOR = 18
DATABASE, OWNER = "shop", "migrator"
LEDGER = "select to_regclass('flyway_schema_history') is not null"
ROWS = "select count(*) from flyway_schema_history where success"
OURS = "select pid from pg_stat_activity where datname = %s and usename = %s limit 1"
ASLEEP = "alter role migrator set synchronous_commit = off"

pytestmark = [pytest.mark.acceptance("AT-09"), pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Victim:
    """A server with a place on it, and how long an undisturbed run takes there, in seconds."""

    server: Mortal
    place: Place
    end: object
    seconds: float

    def dies(self, kill: Callable[[], None], moment: float) -> int:
        """How many migrations a run said to be applied, until the moment when its server died."""
        said = self.place.small.root / crashing.SAID
        said.unlink(missing_ok=True)
        run = crashing.start_migrating(self.place.small.root, self.place.small.environ)
        run.join(moment * self.seconds)
        kill()
        crashing.ended(run)
        return max(0, said.stat().st_size - 1) if said.exists() else 0


def make_empty(server: Mortal) -> None:
    admin = server.target("postgres")
    execute(admin, f"drop database if exists {DATABASE} with (force)")
    execute(admin, f"create database {DATABASE} owner {OWNER} template template0")


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Generator[Victim]:
    if reason := support.missing_majors([MAJOR]).get(MAJOR):
        lack(request.config, reason)
    root: Path = tmp_path_factory.mktemp("mortal")
    with mortal(MAJOR) as server:
        execute(server.target("postgres"), f"create role {OWNER} login")
        execute(server.target("postgres"), ASLEEP)
        make_empty(server)
        small = SmallProject.make(
            root / "project", server.target(DATABASE, OWNER), server.target(DATABASE), templates=root
        )
        place = Place.make(small, "flyway", lambda: make_empty(server))
        end = place.end()
        place.empty()
        assert crashing.ended(crashing.start_migrating(small.root, small.environ)) == 0
        place.empty()
        begun = time.monotonic()
        assert crashing.ended(crashing.start_migrating(small.root, small.environ)) == 0
        yield Victim(server, place, end, time.monotonic() - begun)


def chance(config: pytest.Config, number: int) -> float:
    """A moment in a slice of the run."""
    seed = f"{config.getoption('randomly_seed', default=0)} {number}"
    return (number + random.Random(seed).random()) / DEATHS  # noqa: S311 - no secret


def must_hold(victim: Victim, number: int, said: int) -> None:
    prod = victim.place.small.prod
    there = int(str(ask(prod, ROWS))) if ask(prod, LEDGER) else 0
    assert there >= said
    victim.place.must_converge(number, victim.end)


@pytest.mark.parametrize("number", range(DEATHS))
def test_a_server_that_is_stopped_at_once(victim: Victim, number: int, pytestconfig: pytest.Config) -> None:
    victim.place.empty()
    said = victim.dies(victim.server.stop_at_once, chance(pytestconfig, number))
    victim.server.start()
    must_hold(victim, number, said)


@pytest.mark.parametrize("number", range(DEATHS))
def test_a_backend_of_ours_that_is_killed(victim: Victim, number: int, pytestconfig: pytest.Config) -> None:
    victim.place.empty()
    admin = make_conninfo("", **victim.place.small.admin.elsewhere(dbname="postgres").resolve())
    with psycopg.connect(admin, autocommit=True) as watcher:

        def kill() -> None:
            if row := watcher.execute(OURS, [DATABASE, OWNER]).fetchone():
                victim.server.kill(row[0])

        said = victim.dies(kill, chance(pytestconfig, number))
    victim.server.until_ready()
    must_hold(victim, DEATHS + number, said)


def test_all_that_a_run_applied_is_there_when_the_server_dies_right_after_it(victim: Victim) -> None:
    victim.place.empty()
    run = crashing.start_migrating(victim.place.small.root, victim.place.small.environ)
    assert crashing.ended(run) == 0
    victim.server.stop_at_once()
    victim.server.start()
    assert victim.place.told() == victim.end


def test_a_commit_that_nobody_waits_for_is_lost(victim: Victim) -> None:
    victim.place.empty()
    prod = victim.place.small.prod
    execute(prod, "set synchronous_commit = on; create table a (id int)")
    execute(prod, "insert into a values (1)")
    victim.server.stop_at_once()
    victim.server.start()
    assert ask(prod, "select count(*) from a") == 0
