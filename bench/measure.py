"""One command, measured: wall time, and the CPU time of the process and of all children it waited for.

Where the start of an interpreter is not the question, the command times itself (``clock``) and says so last.
"""

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
    """A program to run: ``environ`` is added to ours, ``exit_code`` is what it should end with.

    One that ``times_itself`` prints the seconds that count on its last line, wall and CPU.
    """

    argv: tuple[str, ...]
    cwd: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict[str, str])
    exit_code: int = 0
    times_itself: bool = False


@dataclass(frozen=True)
class Sample:
    """What one run took: seconds, and at its peak MiB of memory (of the process alone, its start included)."""

    wall: float
    cpu: float
    peak: float = 0.0


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
        output.seek(0)
        said = output.read().decode(errors="replace")
    if process.returncode != command.exit_code:
        program = " ".join(command.argv[:6])
        raise CommandFailed(f"{program} … ended with {process.returncode}:\n{said[-LAST_WORDS:]}")
    cpu = used.ru_utime + used.ru_stime
    if command.times_itself:
        wall, cpu = map(float, said.splitlines()[-1].split())
    return Sample(wall, cpu, peak=used.ru_maxrss / 1024)
