"""Everybody waits for the start of the program every time: what is heavy is loaded when it is needed."""

import subprocess
import sys

import pytest

HEAVY = ("psycopg", "docker", "pydantic", "rich", "testcontainers", "postgast")


def loaded(*arguments: str) -> set[str]:
    """The top-level packages that Python imports for a command line, its own start included."""
    argv = [sys.executable, "-X", "importtime", *arguments]
    ended = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize("heavy", HEAVY)
def test_a_heavy_import_is_noticed(heavy: str) -> None:
    assert heavy in loaded("-c", f"import {heavy}")


def test_help_loads_nothing_heavy() -> None:
    packages = loaded("-m", "pipeline", "--help")
    assert "pipeline" in packages
    assert not packages.intersection(HEAVY)
