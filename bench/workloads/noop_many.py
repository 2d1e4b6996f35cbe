"""Ten thousand migrations, all of them applied: how long until that is known, every file compared."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.applied import applied, floor, ours
from bench.contest import Aim, Contender, Stage, Workload
from bench.measure import Command

NAME = "noop-many"
COUNT = 10_000


@contextmanager
def _floor(stage: Stage) -> Generator[Command]:
    yield floor(stage, "migrate")


@contextmanager
def _pipeline(stage: Stage) -> Generator[Command]:
    yield ours(stage, "migrate")


WORKLOAD = Workload(
    name=NAME,
    question=f"how long does `migrate` take that finds {COUNT:,} applied and nothing to do?",
    rounds=7,
    prepare=lambda folder: applied(folder, COUNT),
    aims=(Aim("pipeline", "wall ratio", 1.5),),
)
CONTENDERS = (Contender(NAME, "floor", _floor), Contender(NAME, "pipeline", _pipeline))
