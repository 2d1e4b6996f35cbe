"""The example shop in a folder of its own, so that measuring it disturbs nobody's ``.pipeline``."""

import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Command, measure

ROOT = Path(__file__).parent.parent


def pipeline(project: Path, *arguments: str, database: str = "") -> Command:
    """Our command in a project folder; ``database`` is a URL that its environments.yaml asks for."""
    environ = {"PYTHONPATH": str(ROOT), "BENCH_DATABASE_URL": database}
    return Command((sys.executable, "-m", "pipeline", *arguments), project, environ)


@contextmanager
def shop(folder: Path) -> Generator[Path]:
    """A fresh copy of the example that has never run; its servers are stopped when done."""
    project = folder / "shop"
    shutil.copytree(ROOT / "migrations", project / "migrations")
    shutil.copy(ROOT / "environments.yaml", project)
    try:
        yield project
    finally:
        for mark in (project / ".pipeline").glob("*/pipeline-cluster"):
            measure(pipeline(project, "reset", mark.parent.name, "--yes"))
        shutil.rmtree(project)
