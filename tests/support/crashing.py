"""Promotions in processes of their own, to be killed: by themselves at a named boundary, or from outside."""

import multiprocessing
import os
import signal
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from pipeline.config.load import load
from tests.support.projects import At, promote_project

KILLED = -signal.SIGKILL

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["tests.support.crashing", "pipeline.promotion.run", "psycopg"])


def kill_ourselves() -> None:
    """SIGKILL: nothing runs after this, no handler, no ``finally``."""
    os.kill(os.getpid(), signal.SIGKILL)


def _promote(root: str, environ: Mapping[str, str], boundary: str | None) -> None:
    listener = At({boundary: kill_ourselves} if boundary else {})
    project = load(Path(root) / "environments.yaml", environ)
    made = promote_project(project, environ, listener=listener)
    os._exit(made.exit_code)


def start(root: Path, environ: Mapping[str, str], *, die_at: str | None = None) -> ForkServerProcess:
    """Begin a promotion of the project in ``root`` to prod; with ``die_at`` it kills itself there."""
    process = _fork.Process(target=_promote, args=(str(root), dict(environ), die_at))
    process.start()
    return process


def ended(process: ForkServerProcess) -> int | None:
    """Wait for its end; its exit code, or minus the signal."""
    process.join()
    code = process.exitcode
    process.close()
    return code
