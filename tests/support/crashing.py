"""Promotions in processes of their own, to be killed: by themselves at a named boundary, or from outside."""

import multiprocessing
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from pipeline.config.load import load
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from tests.support.projects import At, promote_project
from tests.support.strace import die_at_call

KILLED = -signal.SIGKILL
SAID = "said"
"""The file in a project's folder where a run without a rehearsal says how far it came."""

_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(["tests.support.crashing", "pipeline.promotion.run", "psycopg"])


def kill_ourselves() -> None:
    """SIGKILL: nothing runs after this, no handler, no ``finally``."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Death:
    """Where a run kills itself: at a boundary, or from there on at its nth call of a kind."""

    boundary: str
    call: str = ""
    number: int = 0

    def begin(self) -> None:
        """The boundary is reached."""
        if self.call:
            die_at_call(self.call, self.number)
        else:
            kill_ourselves()


def _promote(root: str, environ: Mapping[str, str], death: Death | None) -> None:
    listener = At({death.boundary: death.begin} if death else {})
    project = load(Path(root) / "environments.yaml", environ)
    made = promote_project(project, environ, listener=listener)
    os._exit(made.exit_code)


@dataclass
class Acknowledging(At):
    """Writes a byte to a file for each migration that is acknowledged, and one when the work begins."""

    file: Path = field(kw_only=True)

    def started(self, step: str, title: str) -> None:
        if step == "apply":
            self._write()
        super().started(step, title)

    def murmured(self, step: str, text: str) -> None:
        self._write()
        super().murmured(step, text)

    def _write(self) -> None:
        with self.file.open("ab", buffering=0) as file:
            file.write(b"+")


def _migrate(root: str, environ: Mapping[str, str], run_id: str, death: Death | None) -> None:
    moments = {death.boundary: death.begin} if death else {}
    listener = Acknowledging(moments, file=Path(root) / SAID)
    project = load(Path(root) / "environments.yaml", environ)
    migrate(Request(project, "prod", environ, run_id, listener=listener))
    os._exit(0)


def start(root: Path, environ: Mapping[str, str], *, die_at: str | Death | None = None) -> ForkServerProcess:
    """Begin a promotion of the project in ``root`` to prod; with ``die_at`` it kills itself there."""
    death = Death(die_at) if isinstance(die_at, str) else die_at
    process = _fork.Process(target=_promote, args=(str(root), dict(environ), death))
    process.start()
    return process


def start_migrating(
    root: Path, environ: Mapping[str, str], *, run_id: str = "r-1", die_at: Death | None = None
) -> ForkServerProcess:
    """Begin to migrate prod, without a rehearsal."""
    process = _fork.Process(target=_migrate, args=(str(root), dict(environ), run_id, die_at))
    process.start()
    return process


def ended(process: ForkServerProcess) -> int | None:
    """Wait for its end; its exit code, or minus the signal."""
    process.join()
    code = process.exitcode
    process.close()
    return code
