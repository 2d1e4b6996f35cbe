"""The commands that the documents promise are there, and say what to do where something is missing."""

import os
import re
import subprocess

import pytest

from tests.support.tree import ROOT

DOCUMENTS = ("README.md", ".github/CONTRIBUTING.md")
COMMAND = re.compile(r"^(?:\$ )?make\b(?! -)(.*)$|`make\b(?! -)([^`]*)`", re.MULTILINE)
PROMISED = {
    *("promote", "demo", "status", "drift", "plan", "lint", "backup"),
    *("check", "test", "bench", "clean", "fmt", "cov", "help"),
}
NOT_OURS = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "ENV", "REQUIRE_ALL", "VENV", "PYTHON")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """GNU make as from a fresh shell, also where these tests were started by make."""
    environ = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    argv = ["make", *arguments]
    return subprocess.run(argv, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def named_targets(text: str) -> set[str]:
    """The targets in the commands of a document: ``make demo && make promote ENV=prod``."""
    commands = [first or second for first, second in COMMAND.findall(text)]
    parts = [part for command in commands for part in re.split(r"&&|;|\bmake\b|#.*", command)]
    words = [part.split()[0] for part in parts if part.split()]
    return {word for word in words if re.fullmatch(r"[a-z-]+", word)}


def helped_targets() -> set[str]:
    return set(re.findall(r"^  make ([a-z-]+) ", make().stdout, re.MULTILINE))


def test_make_alone_prints_the_help() -> None:
    ended = make()
    assert ended.returncode == 0
    assert not PROMISED - helped_targets()


def test_every_target_of_the_help_and_of_the_documents_exists() -> None:
    named = {target for document in DOCUMENTS for target in named_targets((ROOT / document).read_text())}
    missing = [target for target in sorted(named | helped_targets()) if "No rule" in make("-n", target).stderr]
    assert not missing


def test_a_missing_target_is_noticed() -> None:
    assert named_targets("`make nonsense ENV=x`\n$ make demo && make promote ENV=prod # so") == {
        "nonsense", "demo", "promote",
    }  # fmt: skip
    assert "No rule" in make("-n", "nonsense").stderr


@pytest.mark.parametrize("environment", ["", "ENV=", "ENV=/etc/shinit"])
def test_a_promotion_to_nowhere_is_refused_before_anything_is_installed(environment: str) -> None:
    ended = make("promote", "VENV=/nonexistent", *filter(None, [environment]))
    assert ended.returncode != 0
    assert "make promote ENV=prod" in ended.stderr
    assert "Installing" not in ended.stderr


@pytest.mark.parametrize("target", ["status", "plan", "drift", "lint", "backup"])
def test_the_environment_that_is_named_is_the_one_asked(target: str) -> None:
    assert re.search(rf"-m pipeline {target} '?staging'?", make("-n", target, "ENV=staging").stdout)


@pytest.mark.parametrize("target", ["plan", "drift", "lint", "backup"])
def test_prod_is_asked_when_none_is_named(target: str) -> None:
    assert f"-m pipeline {target} 'prod'" in make("-n", target).stdout


def test_missing_parts_fail_the_tests_only_when_all_are_demanded() -> None:
    assert "--require-all" in make("-n", "test", "REQUIRE_ALL=1").stdout
    assert "--require-all" not in make("-n", "test").stdout


def test_clean_leaves_backups_and_evidence() -> None:
    removed = make("-n", "clean").stdout
    assert ".venv" in removed
    assert "backups" not in removed
    assert "evidence" not in removed
