"""``command:`` references run a real program, with little time and little output."""

import time
from pathlib import Path

import pytest

from pipeline.config import commands
from pipeline.config.references import LARGEST, Reference
from pipeline.errors import ConfigurationError

ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin", "A": "value"}


def test_a_command_sees_its_environment_and_folder_and_no_shell(tmp_path: Path) -> None:
    (tmp_path / "print").write_text("#!/bin/sh\necho $A $1 $(pwd -P)\n")
    (tmp_path / "print").chmod(0o755)
    found = Reference.parse("command:./print '$A;ls'").resolve(ENVIRON, tmp_path, commands.run)
    assert found == f"value $A;ls {tmp_path.resolve()}"


def test_a_failing_command_leaves_its_words_unsaid(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^command:sh … failed with exit code 3$"):
        Reference.parse("command:sh -c 'echo S3cret >&2; exit 3'").resolve(ENVIRON, tmp_path, commands.run)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="command:absent-program … cannot be started"):
        Reference.parse("command:absent-program").resolve(ENVIRON, tmp_path, commands.run)


def test_a_command_that_prints_without_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="more than 64 KiB"):
        Reference.parse("command:yes").resolve(ENVIRON, tmp_path, commands.run)
    assert commands.run(["yes"], ENVIRON, tmp_path)[1] == b"y\n" * (LARGEST // 2) + b"y"


@pytest.mark.parametrize("script", ["sleep 60", "sleep 60 & echo started", "exec >&-; sleep 60"])
def test_the_deadline_ends_a_command_and_what_it_started(tmp_path: Path, script: str) -> None:
    argv = ["sh", "-c", f"echo $$ > pid; {script}"]
    with pytest.raises(TimeoutError):
        commands.run(argv, ENVIRON, tmp_path, deadline_s=0.3)
    assert_group_ends(int((tmp_path / "pid").read_text()))


def assert_group_ends(group: int) -> None:
    """Nobody of the process group is running any more (the dead may wait to be reaped by init)."""
    for _ in range(100):
        if not any(state != "Z" for state in states_of(group)):
            return
        time.sleep(0.05)
    pytest.fail(f"a process of group {group} is still there")


def states_of(group: int) -> list[str]:
    """The states of the processes in a group, from /proc: ``pid (name) state ppid pgrp …``."""
    found: list[str] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(pgrp) == group:
            found.append(state)
    return found
