"""The stage of workloads that change nothing: one database in which all of very many migrations are applied.

We apply them, and the floor's own ledger is told that they are. Nothing is made durable: nobody writes.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench import floors
from bench.contest import Contender, Stage
from bench.example import pipeline
from bench.measure import Command, measure
from bench.workloads.many import write
from pipeline.postgres.connect import connected
from pipeline.programs.installations import choose
from pipeline.throwaway.embedded import start

DATABASE = "postgres"
BYTES_PER_MIGRATION = 100_000


@dataclass(frozen=True)
class Applied(Stage):
    """A stage with a database, at ``url``."""

    url: str = ""


@contextmanager
def applied(folder: Path, count: int) -> Generator[Applied]:
    """A project of ``count`` migrations and a server that has them all, gone with the block."""
    files = [folder / "migrations" / name for name in write(folder, count)]
    major, room = choose(None, os.environ).major, count * BYTES_PER_MIGRATION
    with start(major, state=folder / "state", environ=os.environ, expected_bytes=room) as server:
        at = server.target(DATABASE).resolve()
        stage = Applied(folder, f"postgresql://{at['user']}@/{DATABASE}?host={quote(at['host'], safe='')}")
        measure(_ours(stage, "migrate"))
        with connected(server.target(DATABASE)) as session:
            floors.note(session.connection, files)
            session.connection.execute("VACUUM ANALYZE")
        yield stage


def contenders(workload: str, verb: str) -> tuple[Contender, ...]:
    """The bare script first, then our own ``migrate`` or ``status``."""
    return (
        Contender(workload, "floor", lambda stage: nullcontext(_floor(stage, verb))),
        Contender(workload, "pipeline", lambda stage: nullcontext(_ours(stage, verb))),
    )


def _ours(stage: Stage, verb: str) -> Command:
    return pipeline(stage.folder, verb, "dev", database=_url(stage))


def _floor(stage: Stage, verb: str) -> Command:
    return floors.floor(verb, _url(stage), stage.folder / "migrations")


def _url(stage: Stage) -> str:
    assert isinstance(stage, Applied)
    return stage.url
