"""Calls that cannot be understood end with 64 and say what to do; help and version need nothing."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.cli.main import ALIASES, VERBS
from tests.support.commands import Ended, argv, environment, pipeline
from tests.support.tree import ROOT

MACHINERY = {"__init__", "main", "runs", "verb", "voice"}
FILE = """\
version: 1
project: shop
migrations: {format: flyway, path: migrations}
environments:
  staging: {database: {throwaway: auto}}
  prod: {database: {url: "${PROD_DATABASE_URL}"}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "environments.yaml").write_text(FILE)
    return tmp_path


def call(root: Path, *arguments: str) -> Ended:
    return pipeline(root, os.environ, *arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("promot", "prod"), "promot"),
        (("promote",), "ENV"),
        (("promot", "prod"), "Did you mean 'promote'?"),
        (("promote", "prod", "--quick"), "Did you mean '--quiet'?"),
        (("main",), "No such command 'main'"),
        (("promote", "prod", "--format", "xml"), "xml"),
        (("promote", "prod", "twice"), "twice"),
        (("promote", "prd"), "did you mean `prod`?"),
        (("status", "prd"), "did you mean `prod`?"),
    ],
)
def test_a_call_that_makes_no_sense(root: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = call(root, *arguments)
    assert (ended.code, ended.out) == (64, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("arguments", [("promot", "prod"), ("promote",), ("promote", "prod", "--quick")])
def test_a_call_that_makes_no_sense_is_told_to_programs_too(root: Path, arguments: tuple[str, ...]) -> None:
    ended = call(root, *arguments, "--format", "json")
    assert ended.code == 64
    assert ended.document["exit_code"] == 64


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_result_that_cannot_be_written_is_told(root: Path, form: str) -> None:
    ended = call(root, "config", "show", "--output", str(root), "--format", form)
    assert (ended.code, ended.out) == (64, "")
    assert f"error: the result cannot be written\n  at {root}" in ended.err
    assert "Traceback" not in ended.err


FULL = Path("/dev/full")


full_device = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")


def into_the_full(root: Path, *arguments: str, unbuffered: str = "") -> "subprocess.CompletedProcess[str]":
    """A call whose standard output is a device that is always full."""
    with FULL.open("w") as full:
        return subprocess.run(
            argv(*arguments),
            cwd=root,
            env=environment({"PYTHONUNBUFFERED": unbuffered}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )


@full_device
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_result_for_which_there_is_no_room_is_told(root: Path, unbuffered: str) -> None:
    ended = into_the_full(root, "config", "show", unbuffered=unbuffered)
    assert ended.returncode == 69
    assert (
        "error: the result cannot be written\n  at standard output\n  No space left on device" in ended.stderr
    )
    assert "Traceback" not in ended.stderr


@full_device
@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("status", "--help")])
def test_help_for_which_there_is_no_room_is_told(root: Path, arguments: tuple[str, ...]) -> None:
    ended = into_the_full(root, *arguments)
    assert ended.returncode == 69
    assert ended.stderr == (
        "error: there is no room to write\n  at standard output\n  No space left on device\n"
    )


@pytest.mark.parametrize("arguments", [("config", "schema"), ("--help",)])
def test_who_reads_no_further_is_not_complained_to(root: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        ended = subprocess.run(
            argv(*arguments), cwd=root, env=environment({}), stdout=nobody, stderr=subprocess.PIPE, check=False
        )
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_a_misspelt_key_is_shown_where_it_stands(root: Path) -> None:
    (root / "environments.yaml").write_text(FILE.replace("path:", "pth:"))
    ended = call(root, "status")
    assert (ended.code, ended.out) == (64, "")
    assert "environments.yaml:3:30" in ended.err
    assert "did you mean `path`?" in ended.err


def test_a_misspelt_key_is_one_document_for_programs(root: Path) -> None:
    (root / "environments.yaml").write_text(FILE.replace("path:", "pth:"))
    ended = call(root, "status", "--format", "json")
    assert ended.code == 64
    assert "environments.yaml:3:30" in json.dumps(ended.document)


def test_no_file_at_all(tmp_path: Path) -> None:
    ended = call(tmp_path, "status", "--config", "nowhere.yaml")
    assert ended.code == 64
    assert "nowhere.yaml" in ended.err


def test_a_variable_that_is_not_set_is_named(root: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PROD_DATABASE_URL"}
    ended = pipeline(root, environ, "status", "prod")
    assert ended.code == 64
    assert "PROD_DATABASE_URL is not set" in ended.err


def test_every_file_of_the_command_line_that_is_no_machinery_is_a_verb() -> None:
    files = {file.stem for file in (ROOT / "pipeline" / "cli").glob("*.py")}
    assert set(VERBS) == files - MACHINERY


@pytest.mark.parametrize("verb", [*VERBS, *ALIASES])
def test_every_verb_has_help(tmp_path: Path, verb: str) -> None:
    ended = call(tmp_path, verb, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"pipeline {verb}" in ended.out
    assert "\x1b" not in ended.out


def test_help_names_every_verb_and_every_exit_code(tmp_path: Path) -> None:
    ended = call(tmp_path, "--help")
    assert ended.code == 0
    named = [line.split()[0] for line in ended.out.partition("Commands:\n")[2].splitlines() if line[:3].strip()]
    assert tuple(named[: len(VERBS)]) == VERBS
    assert "130 interrupted" in " ".join(ended.out.split())


def test_the_version(tmp_path: Path) -> None:
    assert call(tmp_path, "--version").out == f"pipeline {__version__}\n"


def test_the_schema_is_one_document(tmp_path: Path) -> None:
    ended = call(tmp_path, "config", "schema")
    assert ended.code == 0
    assert ended.document["title"]
    assert call(tmp_path, "config", "schema", "--format", "json").document == ended.document


@pytest.mark.parametrize(
    ("begun", "named"),
    [
        ("pipeline re", ["repair", "reset"]),
        ("pipeline promote ", ["staging", "prod"]),
        ("pipeline status -c elsewhere/small.yaml s", ["small"]),
        ("pipeline status -c nowhere.yaml ", []),
        ("pipeline convert --to g", ["golang-migrate"]),
    ],
)
def test_a_shell_completes_verbs_environments_and_choices(root: Path, begun: str, named: list[str]) -> None:
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "small.yaml").write_text(FILE.replace("staging:", "small:"))
    asked = {"_PIPELINE_COMPLETE": "bash_complete", "COMP_WORDS": begun, "COMP_CWORD": str(begun.count(" "))}
    ended = pipeline(root, {**os.environ, **asked})
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.split() == [f"plain,{name}" for name in named]
