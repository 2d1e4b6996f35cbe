"""Killed at any boundary and at any instant: a plain rerun ends where an undisturbed run does.

Every case starts from a copy of one database at an older version with rows, and the release that follows
holds a data migration, an index build outside transactions, a trigger and a point of no return. What an
undisturbed run passes is written down here as a list, and a test holds the list to what a run really passes.
"""

import json
import random
import re
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pipeline.findings import Outcome
from pipeline.postgres.target import Target
from pipeline.throwaway import embedded
from tests.scenarios.conftest import APPLICATION_ROWS
from tests.support import crashing
from tests.support.processes import living, open_folder
from tests.support.projects import OLDER, At, SmallProject, ask, execute, promote, state_of
from tests.support.servers import (
    Servers,
    TestServer,
    as_superuser,
    create_database,
    create_owner,
    drop_database,
)
from tests.support.torture import times

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
HOME = re.compile(r'"home": "([^"]+)"')
"""Where a throwaway's supervisor says, in its command line, that the server lives."""
MAJOR = 18

BUILDING = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Stage:
    """A database to copy, and what becomes of a copy that is promoted undisturbed, in how many seconds."""

    server: TestServer
    model: str
    role: str
    templates: Path
    passed: tuple[str, ...] = ()
    end: str = ""
    seconds: float = 0.0

    def project(self, root: Path, *, model: str | None = None) -> SmallProject:
        """A project whose prod is a copy of ``model``."""
        name = create_database(self.server)
        with as_superuser(self.server) as connection:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            text = "CREATE DATABASE {} TEMPLATE {} OWNER {}"
            parts = map(sql.Identifier, (name, model or self.model, self.role))
            connection.execute(sql.SQL(text).format(*parts))
        prod = self.server.target(name, self.role)
        if ask(prod, "SELECT to_regclass('pipeline.marker') IS NOT NULL"):
            execute(prod, "DELETE FROM pipeline.marker")
        return SmallProject.make(root, prod, self.server.target(name), templates=self.templates)


def told(target: Target) -> str:
    """Where a database ended, whatever it and its owner are called."""
    user = target.resolve()["user"]
    return repr(state_of(target)).replace(user, "owner")


def last_words(small: SmallProject) -> object:
    """Why the last run of a project stopped, as its evidence says."""
    return json.loads((small.evidence / "latest" / "evidence.json").read_text())["stopped"]


def must_converge(small: SmallProject, end: str) -> None:
    """A plain rerun, in this process, ends where an undisturbed run does; one more has nothing to do."""
    again = promote(small)
    assert again.exit_code == 0, again.stopped
    assert told(small.prod) == end
    assert promote(small).outcome is Outcome.NOTHING_TO_DO
    assert told(small.prod) == end


@pytest.fixture(scope="module")
def stage(servers: Servers, state: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """Made once per test process."""
    server = servers.get(MAJOR)
    model = create_database(server)
    role = create_owner(server, model)
    templates = state / "templates"
    templates.mkdir(exist_ok=True)
    root = tmp_path_factory.mktemp("stage")
    stage = Stage(server, model, role, templates)
    small = SmallProject.make(
        root / "model", server.target(model, role), server.target(model), templates=templates
    )
    assert promote(small, to=OLDER).exit_code == 0
    execute(small.prod, APPLICATION_ROWS)
    listener = At()
    undisturbed = stage.project(root / "undisturbed")
    assert promote(undisturbed, listener=listener).exit_code == 0
    timed = stage.project(root / "timed")
    begun = time.monotonic()
    assert crashing.ended(crashing.start(timed.root, timed.environ)) == 0, last_words(timed)
    seconds = time.monotonic() - begun
    yield Stage(server, model, role, templates, tuple(listener.passed), told(undisturbed.prod), seconds)
    for target in (undisturbed, timed):
        drop_database(server, target.prod.resolve()["dbname"])
    drop_database(server, model)


@pytest.fixture(scope="module")
def end_from_empty(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What becomes of an empty database that is promoted undisturbed."""
    small = stage.project(tmp_path_factory.mktemp("empty") / "project", model="template0")
    assert promote(small).exit_code == 0
    end = told(small.prod)
    drop_database(stage.server, small.prod.resolve()["dbname"])
    return end


@pytest.fixture
def empty(stage: Stage, tmp_path: Path) -> Generator[SmallProject]:
    """A project whose prod is empty: our schema and the ledger are made by the run that is killed."""
    small = stage.project(tmp_path / "project", model="template0")
    yield small
    drop_database(stage.server, small.prod.resolve()["dbname"])


@pytest.fixture
def copied(stage: Stage, tmp_path: Path) -> Generator[SmallProject]:
    """A project whose prod is at the older version, with rows."""
    small = stage.project(tmp_path / "project")
    yield small
    drop_database(stage.server, small.prod.resolve()["dbname"])


def test_the_boundaries_are_those_that_a_run_passes(stage: Stage) -> None:
    assert stage.passed == BOUNDARIES


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_killed_at_a_boundary(stage: Stage, copied: SmallProject, boundary: str) -> None:
    assert crashing.ended(crashing.start(copied.root, copied.environ, die_at=boundary)) == crashing.KILLED
    must_converge(copied, stage.end)


@pytest.mark.parametrize("number", range(INSTANTS))
def test_killed_at_an_instant(
    stage: Stage, copied: SmallProject, number: int, pytestconfig: pytest.Config
) -> None:
    seed = pytestconfig.getoption("randomly_seed", default=0)
    fraction = (number + random.Random(f"{seed} {number}").random()) / INSTANTS  # noqa: S311 - no secret
    print(f"--randomly-seed={seed}: killed after {fraction:.4f} of {stage.seconds:.2f} s")  # noqa: T201
    process = crashing.start(copied.root, copied.environ)
    process.join(fraction * stage.seconds)
    process.kill()
    assert crashing.ended(process) in (0, crashing.KILLED)
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
