"""Two thousand migrations, all of them applied: a line for each, every file compared."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.applied import applied, floor, ours
from bench.contest import Aim, Contender, Stage, Workload
from bench.measure import Command

NAME = "status-many"
COUNT = 2_000


@contextmanager
def _floor(stage: Stage) -> Generator[Command]:
    yield floor(stage, "status")


@contextmanager
def _pipeline(stage: Stage) -> Generator[Command]:
    yield ours(stage, "status")


WORKLOAD = Workload(
    name=NAME,
    question=f"how long does `status` take over {COUNT:,} migrations?",
    rounds=7,
    prepare=lambda folder: applied(folder, COUNT),
    aims=(Aim("pipeline", "wall ratio", 1.5),),
)
CONTENDERS = (Contender(NAME, "floor", _floor), Contender(NAME, "pipeline", _pipeline))
