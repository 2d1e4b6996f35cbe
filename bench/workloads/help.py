"""What everybody waits for every time: the start of the program. Its imports are its price."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Aim, Contender, Stage, Workload
from bench.measure import Command


@contextmanager
def _bare_python(_: Stage) -> Generator[Command]:
    yield Command((sys.executable, "-c", "pass"))


@contextmanager
def _pipeline(_: Stage) -> Generator[Command]:
    yield Command((sys.executable, "-m", "pipeline", "--help"))


WORKLOAD = Workload(
    name="help",
    question="how long does `pipeline --help` take to say something?",
    rounds=11,
    aims=(Aim("pipeline", "cpu", 0.25),),
)
CONTENDERS = (Contender("help", "bare python", _bare_python), Contender("help", "pipeline", _pipeline))
