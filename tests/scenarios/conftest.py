"""A small project per test, whose prod is a fresh database that a role without privileges owns."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from pipeline.postgres.target import Target
from tests.support import crashing
from tests.support.projects import OLDER, At, SmallProject, execute, promote
from tests.support.servers import Servers, create_database, create_owner, drop_database
from tests.support.stages import Stage, last_words, told

APPLICATION_ROWS = """
INSERT INTO people (email, fax) SELECT 'Q' || n || '@Example.org', n::text FROM generate_series(1, 60) AS n
"""


STAGE_MAJOR = 18


@pytest.fixture
def small(tmp_path: Path, owner: Target, database: Target, state: Path) -> SmallProject:
    """A project whose prod is empty."""
    templates = state / "templates"
    templates.mkdir(exist_ok=True)
    return SmallProject.make(tmp_path / "project", owner, database, templates=templates)


@pytest.fixture
def older(small: SmallProject) -> SmallProject:
    """A project whose prod is at an older version, with rows that its application wrote."""
    made = promote(small, to=OLDER)
    assert made.exit_code == 0, made.stopped
    execute(small.prod, APPLICATION_ROWS)
    return small


@pytest.fixture(scope="session")
def stage(servers: Servers, state: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """Made once per test process."""
    server = servers.get(STAGE_MAJOR)
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


@pytest.fixture(scope="session")
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
