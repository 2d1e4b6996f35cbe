"""A small project per test, whose prod is a fresh database that a role without privileges owns."""

from pathlib import Path

import pytest

from pipeline.postgres.target import Target
from tests.support.projects import OLDER, SmallProject, execute, promote

APPLICATION_ROWS = """
INSERT INTO people (email, fax) SELECT 'Q' || n || '@Example.org', n::text FROM generate_series(1, 60) AS n
"""


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
