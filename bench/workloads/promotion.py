"""The first promotion of the example, as a newcomer has it: servers made, backup, rehearsal, proof, prod."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Aim, Contender, Stage, Workload
from bench.example import pipeline, shop
from bench.measure import Command


@contextmanager
def _promote(stage: Stage) -> Generator[Command]:
    with shop(stage.folder) as project:
        yield pipeline(project, "promote", "prod")


WORKLOAD = Workload(
    name="promotion",
    question="how long does the example's first promotion take, from a warm venv?",
    rounds=5,
    aims=(Aim("pipeline", "wall", 8.0),),
)
CONTENDERS = (Contender("promotion", "pipeline", _promote),)
