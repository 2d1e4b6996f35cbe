"""The import rules hold, and breaking one is noticed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tree import ROOT, own_files

RUN = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(project: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", RUN, "--no-cache"]
    return subprocess.run(argv, cwd=project, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for file in own_files():
        if file.parts[0] == "pipeline" or file.name == "pyproject.toml":
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def test_rooms_look_down_and_the_wall_stands() -> None:
    ended = lint(ROOT)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("errors_and_more", ""),
        ("sql/reach", "import psycopg\n"),
        ("sql/look_up", "from pipeline.steps import context\n"),
        ("shapes/look_up", "import pipeline.config\n"),
        ("formats/start", "import subprocess\n"),
        ("schema/digest", "import pipeline.postgres.connect\n"),
        ("backups/sideways", "import pipeline.checks\n"),
        ("findings", "import pipeline.progress\n"),
    ],
)
def test_a_broken_rule_is_noticed(copy: Path, room: str, line: str) -> None:
    file = copy / "pipeline" / f"{room}.py"
    before = file.read_text() if file.exists() else '"""New."""\n\n'
    file.write_text(before + line)
    assert lint(copy).returncode == 1
