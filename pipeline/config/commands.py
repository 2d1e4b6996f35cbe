"""Runs the program that a ``command:`` reference names: no shell, no input, little time, little output.

It stands apart from ``references``, so that rooms which may not reach a process can still know a project.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, cast

from pipeline.config.references import LARGEST

DEADLINE_S: Final = 30.0


def run(
    argv: Sequence[str], environ: Mapping[str, str], root: Path, deadline_s: float = DEADLINE_S
) -> tuple[int, bytes]:
    """The exit code and what was printed (a byte more than allowed, where it was too much).

    The command has a session of its own, so that the deadline also ends what it started. Raises
    TimeoutError after 30 s, OSError where it cannot be started.
    """
    process = subprocess.Popen(
        argv,
        cwd=root,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + deadline_s
    with process:
        try:
            output = _printed(cast("IO[bytes]", process.stdout), until)
            if len(output) <= LARGEST:
                process.wait(_left(until))
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            _kill(process)
    return process.returncode, output


def _printed(stdout: IO[bytes], until: float) -> bytes:
    """What is printed, to its end or a byte beyond what is allowed; read so that no pipe can outlast us."""
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        while len(output) <= LARGEST:
            if not selector.select(_left(until)):
                raise TimeoutError
            chunk = os.read(stdout.fileno(), LARGEST + 1 - len(output))
            if not chunk:
                break
            output += chunk
    return output


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.0)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
