"""Killed at any call that a client makes: a plain rerun ends where an undisturbed run does.

Random instants seldom hit the few that matter, so a run is killed at its 1st, 2nd, 3rd … send, and so on for
each kind of call, until there is no such call left and the run comes through.
"""

import random
from dataclasses import dataclass
from itertools import count

import pytest

from pipeline.config.project import Project
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from tests.support import crashing
from tests.support.acceptance import Tally
from tests.support.projects import SmallProject, ask, everything, state_of
from tests.support.releases import FORMATS, STEPS, files
from tests.support.servers import TestServer, recreate_database
from tests.support.stages import Stage, must_converge
from tests.support.strace import CALLS
from tests.support.torture import at_depth

STRIDES = {call: at_depth(2 if call == "write" else 32, 1) for call in CALLS}
"""Every how many calls a run is killed; the seed of the test run says where it begins. Writes are few."""
MAJORS = at_depth(1, 2)

BOOKS = """
select (select string_agg(direction || migration || sha256, ' ' order by id) from pipeline.applied)
       || (select count(*) from pipeline.attempts)
"""

pytestmark = [pytest.mark.acceptance("AT-01"), pytest.mark.strace, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Place:
    """Where a release is applied again and again, to a database that is empty each time."""

    small: SmallProject
    project: Project
    server: TestServer

    @classmethod
    def make(cls, small: SmallProject, format_name: str, server: TestServer) -> "Place":
        small.configure(prod={"protected": False})
        small.release(format_name, files(format_name))
        return cls(small, small.project(), server)

    def empty(self) -> None:
        """Nothing is in the database any more, and nobody."""
        recreate_database(self.server, self.small.prod.resolve()["dbname"])

    def run(self, run_id: str) -> int:
        """A plain run, in this process: how many migrations it applied."""
        return len(migrate(Request(self.project, "prod", self.small.environ, run_id)).applied)

    def told(self) -> object:
        """Where it ended: shape, rows, history in its order, our own books."""
        books = str(ask(self.small.prod, BOOKS))
        return {**state_of(self.small.prod, self.project.migrations.format), "books": books}

    def end(self) -> object:
        """Where an undisturbed run ends."""
        assert self.run("undisturbed") == len(STEPS)
        return self.told()

    def killed_at(self, call: str, number: int) -> bool:
        """Whether a run made so many calls."""
        process = crashing.start_migrating(self.small.root, self.small.environ, call=call, number=number)
        code = crashing.ended(process)
        assert code in (0, crashing.KILLED)
        return code == crashing.KILLED

    def must_converge(self, number: int, end: object) -> None:
        """A plain rerun ends there; one more does not touch a row."""
        self.run(f"again-{number}")
        assert self.told() == end
        before = everything(self.small.prod)
        assert self.run(f"once-more-{number}") == 0
        assert everything(self.small.prod) == before


@pytest.fixture
def place(request: pytest.FixtureRequest, small: SmallProject, server: TestServer) -> Place:
    """For the format that the test names."""
    return Place.make(small, request.param, server)


@pytest.mark.parametrize("server", [18, 15][:MAJORS], indirect=True)
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("place", FORMATS, indirect=True)
def test_killed_at_any_call(place: Place, call: str, tally: Tally, pytestconfig: pytest.Config) -> None:
    seed = f"{pytestconfig.getoption('randomly_seed', default=0)} {place.small.format} {call}"
    end = place.end()
    numbers = count(random.Random(seed).randint(1, STRIDES[call]), STRIDES[call])  # noqa: S311 - no secret
    killed = True
    while killed:
        number = next(numbers)
        place.empty()
        with tally.case():
            killed = place.killed_at(call, number)
            place.must_converge(number, end)
    assert tally.held > 1


CALLS_OF_A_PROMOTION = 115
"""About as many sends as there are from the lock to the end; beyond them the run just ends."""
PROMOTIONS = at_depth(1, 20)


@pytest.mark.parametrize("call", ["sendto", "poll", "recvfrom"])
@pytest.mark.parametrize("number", range(PROMOTIONS))
def test_a_promotion_killed_at_a_call_while_it_applies(
    stage: Stage, copied: SmallProject, call: str, number: int, pytestconfig: pytest.Config
) -> None:
    seed = f"{pytestconfig.getoption('randomly_seed', default=0)} {call} {number}"
    part = (number + random.Random(seed).random()) / PROMOTIONS  # noqa: S311 - no secret
    death = crashing.Death("started lock", call, 1 + int(part * CALLS_OF_A_PROMOTION))
    assert crashing.ended(crashing.start(copied.root, copied.environ, die_at=death)) in (0, crashing.KILLED)
    must_converge(copied, stage.end)
