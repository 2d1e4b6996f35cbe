"""More than one at a time, and throwaways in containers."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.errors import ExitCode
from pipeline.findings import ClaimName
from pipeline.proof import Evidence, Outcome
from tests.scenarios.refusals import said
from tests.support.docker_engine import docker_major
from tests.support.projects import URL, At, SmallProject, ask, promote, state_of
from tests.support.servers import Servers, create_database, create_owner, drop_database

PROMOTIONS = "SELECT string_agg(outcome, ' ' ORDER BY outcome) FROM pipeline.promotions"


def together(*acts: Callable[[], Evidence]) -> list[Evidence]:
    """Do all at the same time."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


@pytest.mark.parametrize("server", [18], indirect=True)
def test_of_two_at_once_exactly_one_applies(small: SmallProject) -> None:
    gate = threading.Barrier(2, timeout=60)

    def meet() -> None:
        gate.wait()

    first, second = together(*[lambda: promote(small, listener=At({"finished gates": meet}))] * 2)
    outcomes = {made.outcome: made for made in (first, second)}
    assert set(outcomes) == {Outcome.PROMOTED, Outcome.REFUSED}
    assert "moved" in said(outcomes[Outcome.REFUSED])
    assert outcomes[Outcome.REFUSED].exit_code == ExitCode.REFUSED
    assert ask(small.prod, "SELECT count(*) FROM flyway_schema_history") == 8
    assert ask(small.prod, PROMOTIONS) == "promoted"


@pytest.mark.parametrize("server", [18], indirect=True)
def test_whoever_comes_second_says_who_holds_the_lock(small: SmallProject) -> None:
    small.configure(prod={"limits": {"advisory_lock": "1s"}})
    others: list[Evidence] = []
    first = promote(small, listener=At({"murmured apply 2": lambda: others.append(promote(small))}))
    assert first.outcome is Outcome.PROMOTED, first.stopped
    (second,) = others
    assert (second.outcome, second.exit_code) == (Outcome.BUSY, ExitCode.BUSY)
    assert first.run_id in said(second)
    assert promote(small).outcome is Outcome.NOTHING_TO_DO


@pytest.mark.parametrize("server", [18], indirect=True)
def test_two_that_begin_together_end_well(small: SmallProject) -> None:
    codes = sorted(made.exit_code for made in together(lambda: promote(small), lambda: promote(small)))
    assert codes[0] == 0
    assert codes[1] in (ExitCode.OK, ExitCode.REFUSED, ExitCode.BUSY)
    assert ask(small.prod, "SELECT count(*) FROM flyway_schema_history") == 8


@pytest.mark.docker
@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_throwaway_in_a_container_proves_the_same(small: SmallProject, servers: Servers) -> None:
    major = docker_major()
    assert major is not None
    server = servers.get(major)
    name = create_database(server)
    user = create_owner(server, name)
    small.prod, small.admin = server.target(name, user), server.target(name)
    small.environ[URL] = f"postgresql://{user}@/{name}?host={server.where}&port=5432"
    small.configure(staging={"database": {"throwaway": "docker"}})
    made = promote(small)
    assert {claim.name: claim.holds for claim in made.claims} == dict.fromkeys(ClaimName, True), made.stopped
    assert state_of(small.prod)["invalid"] == []
    assert promote(small).outcome is Outcome.NOTHING_TO_DO
    drop_database(server, name)
