"""Processes for tests to kill, and the question whether anything of them is left."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree


@contextmanager
def open_folder() -> Generator[Path]:
    """A folder whose path every user may walk, unlike pytest's own: servers of root run as somebody else.

    In memory where there is some, so that tests do not wait for a disk.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a private folder within
    folder = Path(tempfile.mkdtemp(prefix="pt-", dir=memory if os.access(memory, os.W_OK) else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        rmtree(folder, ignore_errors=True)


def script(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process that runs ``code``; what it prints can be read from its ``stdout``."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def wait_for_line(process: subprocess.Popen[str]) -> str:
    """The next line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, and no zombie of it."""
    process.kill()
    process.communicate()


def living(word: str) -> list[str]:
    """The command lines of all processes but ours that contain ``word``."""
    found: list[str] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            if word in line:
                found.append(line)
    return found


def becomes(condition: Callable[[], bool], within: float = 15.0) -> bool:
    """Whether ``condition`` comes true in time; nobody measures how fast."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
