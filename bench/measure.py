"""One command, measured: wall time, and the CPU time of the process and of all children it waited for."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LAST_WORDS = 2000


class CommandFailed(Exception):
    """A measured command ended otherwise than it should; what it said last is in the message."""


@dataclass(frozen=True)
class Command:
    """A program to run: ``environ`` is added to ours, ``exit_code`` is what it should end with."""

    argv: tuple[str, ...]
    cwd: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    exit_code: int = 0


@dataclass(frozen=True)
class Sample:
    """What one run took, in seconds."""

    wall: float
    cpu: float


def _environ() -> dict[str, str]:
    """Our environment as a user's would be: without a wish that nothing compiled be kept."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def measure(command: Command) -> Sample:
    """Run the command, its output kept from the terminal. Raises CommandFailed with its last words."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env={**_environ(), **command.environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != command.exit_code:
            output.seek(0)
            said = output.read().decode(errors="replace")[-LAST_WORDS:]
            program = " ".join(command.argv[:6])
            raise CommandFailed(f"{program} … ended with {process.returncode}:\n{said}")
    return Sample(wall=wall, cpu=used.ru_utime + used.ru_stime)
