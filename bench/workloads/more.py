"""Fifty new migrations on top of five hundred, against a bare script on psycopg that does the same.

The files are those of ``many``. Both find the five hundred applied by us, on a new server for each run, as
there; the script's own ledger knows them too.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench import floors
from bench.contest import Aim, Contender, Stage, Workload
from bench.example import pipeline
from bench.measure import Command, measure
from bench.workloads import many
from pipeline.postgres.connect import connected

NAME = "more"
NEW = 50
LAST_APPLIED = str(many.COUNT)


@contextmanager
def _prepare(folder: Path) -> Generator[Stage]:
    with many.prepare(folder, count=many.COUNT + NEW) as stage:
        yield stage


@contextmanager
def _applied(stage: Stage) -> Generator[str]:
    """The URL of a database in which the first five hundred are applied."""
    with many.fresh_database(stage) as (server, url):
        before = pipeline(stage.folder, "migrate", "dev", "--to", LAST_APPLIED, database=url)
        measure(before)
        with connected(server.target(many.DATABASE)) as session:
            files = [stage.folder / "migrations" / many.migration(number)[0] for number in _old()]
            floors.note(session.connection, files)
            session.connection.execute("CHECKPOINT")
        yield url


def _old() -> range:
    return range(1, many.COUNT + 1)


@contextmanager
def _floor(stage: Stage) -> Generator[Command]:
    with _applied(stage) as url:
        yield floors.floor("migrate", url, stage.folder / "migrations")


@contextmanager
def _pipeline(stage: Stage) -> Generator[Command]:
    with _applied(stage) as url:
        yield pipeline(stage.folder, "migrate", "dev", database=url)


WORKLOAD = Workload(
    name=NAME,
    question=f"how long do {NEW} new migrations take on top of {many.COUNT}?",
    rounds=5,
    prepare=_prepare,
    aims=(Aim("pipeline", "wall ratio", 1.6),),
)
CONTENDERS = (Contender(NAME, "floor", _floor), Contender(NAME, "pipeline", _pipeline))
