"""Everybody waits for the start of the program every time: what is heavy is loaded when it is needed."""

import subprocess
import sys

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
