"""Everybody waits for the start of the program every time: what is heavy is loaded when it is needed."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from pipeline.cli.main import VERBS

HEAVY = ("psycopg", "docker", "rich", "testcontainers", "postgast")


def loaded(code: str) -> set[str]:
    """The modules that are there after ``code``, those of Python's own start included."""
    argv = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules, file=sys.stderr)"]
    return set(subprocess.run(argv, capture_output=True, text=True, check=True).stderr.split())


def loaded_by(*arguments: str) -> set[str]:
    """The modules that are there after a call of the command line."""
    return loaded(f"from pipeline.cli.main import run\nrun({arguments!r})")


@pytest.mark.parametrize("heavy", HEAVY)
def test_a_heavy_import_is_noticed(heavy: str) -> None:
    assert heavy in loaded(f"import {heavy}")


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("promote", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not loaded_by(*arguments).intersection(HEAVY)


def test_a_verb_is_loaded_without_the_others() -> None:
    verbs = {f"pipeline.cli.{verb}" for verb in VERBS}
    assert loaded_by("status", "--help") & verbs == {"pipeline.cli.status"}
    assert not loaded_by("--version") & verbs
    assert loaded_by("--help") >= verbs


OF_WORK = {
    "pipeline.backups.dump",
    "pipeline.formats.conversion.convert",
    "pipeline.postgres.atomic",
    "pipeline.schema.diff",
    "pipeline.sql.grammar",
    "pipeline.steps.apply",
    "pipeline.steps.tool",
    "pipeline.throwaway.docker",
    "tenacity",
}
"""What only those need who apply, rehearse, compare or convert."""


@pytest.mark.parametrize(
    "modules",
    [
        "steps.look, pipeline.steps.release, pipeline.steps.heartbeat, pipeline.reports.status",
        "promotion.migrate, pipeline.reports.screen",
    ],
    ids=["status", "migrate with nothing to do"],
)
def test_who_only_looks_loads_nothing_of_the_work(modules: str) -> None:
    assert all(find_spec(name) for name in OF_WORK)
    assert not loaded(f"import pipeline.{modules}") & OF_WORK


def test_of_the_formats_a_project_loads_its_own() -> None:
    found = loaded("from pipeline.formats import FORMATS\nFORMATS['prisma']")
    assert {name for name in found if name.startswith("pipeline.formats.")}.isdisjoint(
        {
            "pipeline.formats.golang_migrate",
            "pipeline.formats.flyway.format",
        }
    )
    assert "pipeline.formats.prisma" in found
