"""``init`` writes a project that works as it stands, in each of the three layouts."""

import os
import re
from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest

from pipeline.postgres.target import Target
from pipeline.proof import Outcome
from tests.support.commands import pipeline
from tests.support.processes import open_folder
from tests.support.projects import SmallProject, ask, promote_project

LAYOUTS = {"flyway": "migrations", "prisma": "prisma/migrations", "golang-migrate": "migrations"}
LEDGERS = {
    "flyway": "flyway_schema_history",
    "prisma": "_prisma_migrations",
    "golang-migrate": "schema_migrations",
}

each_layout = pytest.mark.parametrize("layout", LAYOUTS)


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder whose path the server's user may walk, so that embedded data stay inside."""
    with open_folder() as folder:
        (folder / "shop").mkdir()
        yield folder / "shop"
        for name in ("dev", "prod"):
            pipeline(folder / "shop", os.environ, "reset", name, "--yes")


def fill(folder: Path, layout: str, templates: Path) -> None:
    ended = pipeline(folder, os.environ, "init", "--layout", layout)
    assert ended.code == 0, ended.err
    assert "next: pipeline promote prod" in ended.out
    assert (folder / LAYOUTS[layout]).is_dir()
    (folder / ".pipeline").mkdir()
    (folder / ".pipeline" / "templates").symlink_to(templates)


@each_layout
def test_a_new_project_is_promoted_once(folder: Path, state: Path, layout: str) -> None:
    (state / "templates").mkdir(exist_ok=True)
    fill(folder, layout, state / "templates")
    first = pipeline(folder, os.environ, "promote", "prod")
    assert first.code == 0, first.out + first.err
    assert first.out.startswith("PROMOTED  shop → prod")
    second = pipeline(folder, os.environ, "promote", "prod")
    assert (second.code, second.out[:13]) == (0, "NOTHING TO DO")
    assert pipeline(folder, os.environ, "drift", "prod").code == 0


@each_layout
@pytest.mark.parametrize("server", [15], indirect=True)
def test_a_new_project_is_promoted_to_a_server_of_its_own(
    tmp_path: Path, small: SmallProject, owner: Target, layout: str
) -> None:
    root = tmp_path / "fresh"
    root.mkdir()
    fill(root, layout, (small.root / ".pipeline" / "templates").resolve())
    file = root / "environments.yaml"
    url = 'database: {url: "${PROD_DATABASE_URL}"}'
    file.write_text(re.sub(r"database: \{embedded: \.pipeline/prod\}", url, file.read_text()))
    small.root = root
    made = promote_project(small.project(), small.environ)
    assert made.outcome is Outcome.PROMOTED, made.stopped
    assert {claim.name: claim.holds for claim in made.claims} == {claim.name: True for claim in made.claims}
    assert ask(owner, f"SELECT count(*) FROM {LEDGERS[layout]}") == 1
    assert promote_project(small.project(), small.environ).outcome is Outcome.NOTHING_TO_DO


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("mine\n")
    ended = pipeline(tmp_path, os.environ, "init")
    assert ended.code == 64
    assert "environments.yaml is already there" in ended.err
    assert (tmp_path / "environments.yaml").read_text() == "mine\n"
    assert not (tmp_path / "migrations").exists()


def test_init_says_which_layouts_there_are(tmp_path: Path) -> None:
    ended = pipeline(tmp_path, os.environ, "init", "--layout", "rails")
    assert ended.code == 64
    assert "golang-migrate" in ended.err
    assert not list(tmp_path.iterdir())


def test_init_as_a_document(tmp_path: Path) -> None:
    ended = pipeline(tmp_path, os.environ, "init", "there", "--format", "json", "--project", "shop")
    assert ended.code == 0
    written = cast("list[str]", ended.document["files"])
    assert all((tmp_path / "there" / name).is_file() for name in written)
