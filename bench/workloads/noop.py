"""A promotion that finds nothing to do: what a pipeline that runs on every push pays most days."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.contest import Aim, Contender, Stage, Workload
from bench.example import pipeline, shop
from bench.measure import Command, measure


@contextmanager
def _prepare(folder: Path) -> Generator[Stage]:
    with shop(folder) as project:
        measure(pipeline(project, "promote", "prod"))
        yield Stage(project)


@contextmanager
def _promote_again(stage: Stage) -> Generator[Command]:
    yield pipeline(stage.folder, "promote", "prod")


WORKLOAD = Workload(
    name="noop",
    question="how long does a promotion take that finds nothing to do?",
    rounds=7,
    prepare=_prepare,
    aims=(Aim("pipeline", "wall", 1.0),),
)
CONTENDERS = (Contender("noop", "pipeline", _promote_again),)
