"""Killed at any call that a client makes: a plain rerun ends where an undisturbed run does.

Random instants seldom hit the few that matter, so a run is killed at its 1st, 2nd, 3rd … send, and so on for
each kind of call, until there is no such call left and the run comes through.
"""

import random
from itertools import count

import pytest

from tests.support import crashing
from tests.support.acceptance import Tally
from tests.support.projects import SmallProject
from tests.support.releases import FORMATS
from tests.support.reruns import Place
from tests.support.servers import TestServer, recreate_database
from tests.support.stages import Stage, must_converge
from tests.support.strace import CALLS
from tests.support.torture import at_depth, tortured

SINCE = "started validate" if tortured() else "started apply"
STRIDES = {call: at_depth(2 if call == "write" else 10, 1) for call in CALLS}
"""Every how many calls a run is killed; the seed of the test run says where it begins. Writes are few."""
MAJORS = at_depth(1, 2)

pytestmark = [pytest.mark.acceptance("AT-01"), pytest.mark.strace, pytest.mark.timeout(900)]


def killed_at(small: SmallProject, call: str, number: int) -> bool:
    """Whether a run made so many calls."""
    death = crashing.Death(SINCE, call, number)
    process = crashing.start_migrating(small.root, small.environ, run_id=f"r-{number}", die_at=death)
    code = crashing.ended(process)
    assert code in (0, crashing.KILLED)
    return code == crashing.KILLED


@pytest.fixture
def place(request: pytest.FixtureRequest, small: SmallProject, server: TestServer) -> Place:
    """For the format that the test names."""
    name = small.prod.resolve()["dbname"]
    return Place.make(small, request.param, lambda: recreate_database(server, name))


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
            killed = killed_at(place.small, call, number)
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
