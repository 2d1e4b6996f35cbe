"""Killed at any boundary and at any instant: a plain rerun ends where an undisturbed run does.

Every case starts from a copy of one database at an older version with rows, and the release that follows
holds a data migration, an index build outside transactions, a trigger and a point of no return. What an
undisturbed run passes is written down here as a list, and a test holds the list to what a run really passes.
"""

import random
import re
import time
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pipeline.proof import Outcome
from pipeline.throwaway import embedded
from tests.support import crashing
from tests.support.processes import living, open_folder
from tests.support.projects import SmallProject, ask, promote
from tests.support.stages import Stage, must_converge, told
from tests.support.torture import at_depth, times

STEPS = (
    *("validate", "connect", "observe", "lint", "requires", "drift", "plan", "backup", "throwaway", "restore"),
    *("parity", "rehearse", "check", "gates", "lock", "unmoved", "apply", "verify", "same-end", "prune"),
)
MURMURS = {"rehearse": 5, "apply": 5}
"""A line for each pending migration."""

BOUNDARIES = tuple(
    boundary
    for step in STEPS
    for boundary in (
        f"started {step}",
        *(f"murmured {step} {number + 1}" for number in range(MURMURS.get(step, 0))),
        f"finished {step}",
    )
)
INSTANTS = times(40)
IN_A_ROW = at_depth(2, 50)
"""How many promotions are killed more than once before they come through."""
HOME = re.compile(r'"home": "([^"]+)"')
"""Where a throwaway's supervisor says, in its command line, that the server lives."""

BUILDING = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"

pytestmark = pytest.mark.timeout(300)


def test_the_boundaries_are_those_that_a_run_passes(stage: Stage) -> None:
    assert stage.passed == BOUNDARIES


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_killed_at_a_boundary(stage: Stage, copied: SmallProject, boundary: str) -> None:
    assert crashing.ended(crashing.start(copied.root, copied.environ, die_at=boundary)) == crashing.KILLED
    must_converge(copied, stage.end)


def kill_after(stage: Stage, copied: SmallProject, fraction: float) -> None:
    """Kill a promotion after a part of the time that an undisturbed one takes."""
    process = crashing.start(copied.root, copied.environ)
    process.join(fraction * stage.seconds)
    process.kill()
    assert crashing.ended(process) in (0, crashing.KILLED)


def chance(config: pytest.Config, name: str) -> random.Random:
    """What the seed of the test run makes of a name; a failed test says both."""
    seed = f"{config.getoption('randomly_seed', default=0)} {name}"
    print(f"--randomly-seed and name: {seed}")  # noqa: T201
    return random.Random(seed)  # noqa: S311 - no secret


@pytest.mark.acceptance("AT-02")
@pytest.mark.parametrize("number", range(INSTANTS))
def test_killed_at_an_instant(
    stage: Stage, copied: SmallProject, number: int, pytestconfig: pytest.Config
) -> None:
    fraction = (number + chance(pytestconfig, f"instant {number}").random()) / INSTANTS
    kill_after(stage, copied, fraction)
    must_converge(copied, stage.end)


@pytest.mark.acceptance("AT-02")
@pytest.mark.parametrize("number", range(IN_A_ROW))
def test_killed_at_instants_in_a_row(
    stage: Stage, copied: SmallProject, number: int, pytestconfig: pytest.Config
) -> None:
    dice = chance(pytestconfig, f"row {number}")
    for _ in range(dice.randint(2, 4)):
        kill_after(stage, copied, dice.random())
    must_converge(copied, stage.end)


@pytest.mark.parametrize("server_notices", [True, False])
def test_killed_while_an_index_is_built(stage: Stage, copied: SmallProject, *, server_notices: bool) -> None:
    with psycopg.connect(make_conninfo("", **copied.prod.resolve())) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("SELECT count(*) FROM people")  # the build waits for whoever sees an older state
        process = crashing.start(copied.root, copied.environ)
        while not ask(copied.admin, BUILDING):
            assert process.is_alive()
            time.sleep(0.01)
        process.kill()
        assert crashing.ended(process) == crashing.KILLED
        while server_notices and ask(copied.admin, BUILDING):
            time.sleep(0.01)
        assert ask(copied.prod, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1
    must_converge(copied, stage.end)


@pytest.mark.parametrize(
    "boundary", ["started apply", "murmured apply 1", "finished apply", "finished same-end"]
)
def test_the_first_promotion_of_all_killed_while_it_applies(
    end_from_empty: str, empty: SmallProject, boundary: str
) -> None:
    assert crashing.ended(crashing.start(empty.root, empty.environ, die_at=boundary)) == crashing.KILLED
    must_converge(empty, end_from_empty)


def test_killed_again_and_again(stage: Stage, copied: SmallProject) -> None:
    for boundary in (
        "murmured apply 2",
        "murmured rehearse 1",
        "started apply",
        "finished lock",
        "finished apply",
    ):
        code = crashing.ended(crashing.start(copied.root, copied.environ, die_at=boundary))
        assert code == crashing.KILLED, boundary
    must_converge(copied, stage.end)


@pytest.mark.parametrize("boundary", ["finished throwaway", "murmured rehearse 2", "started lock"])
def test_what_a_killed_run_had_started_is_gone_soon(copied: SmallProject, boundary: str) -> None:
    (copied.root / ".pipeline" / "templates").unlink()  # its own, by which its throwaway's supervisor is known
    process = crashing.start(copied.root, copied.environ, die_at=boundary)
    homes: set[Path] = set()
    while process.is_alive():
        homes |= {Path(home) for line in living(str(copied.root)) for home in HOME.findall(line)}
        time.sleep(0.02)
    assert crashing.ended(process) == crashing.KILLED
    assert homes
    while living(str(copied.root)) or any(home.exists() for home in homes):
        time.sleep(0.05)  # the timeout of the test is the deadline


@pytest.mark.parametrize(
    "boundary", ["started connect", "finished backup", "murmured apply 2", "murmured apply 5"]
)
def test_killed_with_a_prod_that_is_embedded(
    end_from_empty: str, stage: Stage, tmp_path: Path, boundary: str
) -> None:
    with open_folder() as folder:
        kept = folder / "prod"
        small = SmallProject.make(
            tmp_path / "project", stage.server.target("x"), stage.server.target("x"), templates=stage.templates
        )
        small.configure(prod={"database": {"embedded": str(kept)}})
        assert crashing.ended(crashing.start(small.root, small.environ, die_at=boundary)) == crashing.KILLED
        assert promote(small).exit_code == 0
        with embedded.keep(kept, database="small", owner="migrator", environ=small.environ) as server:
            assert told(server.target("small", "migrator")) == end_from_empty
            assert promote(small).outcome is Outcome.NOTHING_TO_DO
        embedded.forget(kept)
