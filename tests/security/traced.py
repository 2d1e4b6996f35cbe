"""A call of the command line under strace: how it ended, and which system calls it and its children made."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.commands import Ended, argv, environment


def traced(
    root: Path, environ: Mapping[str, str], *arguments: str, calls: str, log: Path
) -> tuple[Ended, list[str]]:
    """Run one call to its end; ``calls`` are strace's names, ``log`` a file for what it notes."""
    strace = [
        "strace",
        "-f",
        "-qq",
        "-y",
        "-s",
        "4096",
        "-e",
        "signal=none",
        "-e",
        f"trace={calls}",
        "-o",
        str(log),
    ]
    ended = subprocess.run(
        [*strace, *argv(*arguments)],
        cwd=root,
        env={**environment(environ), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return Ended(ended.returncode, ended.stdout, ended.stderr), lines
