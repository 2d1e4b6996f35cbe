"""A workload asks one question; contenders answer it in turn, round after round (A B A B …).

The machine's mood changes within a run. So no contender runs twice in a row, and ratios are taken between
the runs of one round, where both met the same mood.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.measure import Command, Sample, measure

Figure = Literal["wall", "cpu", "wall ratio", "cpu ratio"]


@dataclass(frozen=True)
class Aim:
    """What a contender must reach: the median of a figure, in seconds or as a ratio to the first contender."""

    contender: str
    figure: Figure
    at_most: float


@dataclass(frozen=True)
class Stage:
    """Where the runs of a workload take place; a workload that needs more than a folder derives its own."""

    folder: Path


@contextmanager
def bare_stage(folder: Path) -> Generator[Stage]:
    """A folder and nothing in it."""
    yield Stage(folder)


@dataclass(frozen=True)
class Contender:
    """A way to do a workload's work. ``arrange`` prepares each run and yields the command to measure."""

    workload: str
    name: str
    arrange: Callable[[Stage], AbstractContextManager[Command]]


@dataclass(frozen=True)
class Workload:
    """A question. ``prepare`` makes the stage, once, in the folder it is given; it stays until all is over."""

    name: str
    question: str
    rounds: int
    prepare: Callable[[Path], AbstractContextManager[Stage]] = bare_stage
    aims: tuple[Aim, ...] = ()


@dataclass(frozen=True)
class Programme:
    """A workload and those who contend in it, the first of them the base of all ratios."""

    workload: Workload
    contenders: tuple[Contender, ...]


@dataclass(frozen=True)
class Outcome:
    """The samples of every contender, in rounds: the n-th samples of all belong together."""

    workload: Workload
    samples: Mapping[str, Sequence[Sample]]


def hold(
    programme: Programme,
    stage: Stage,
    rounds: int,
    tell: Callable[[str], None],
    measure: Callable[[Command], Sample] = measure,
) -> Outcome:
    """One warm-up round that does not count, then ``rounds`` that do. Raises CommandFailed."""
    workload = programme.workload
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in programme.contenders}
    for number in range(rounds + 1):
        for contender in programme.contenders:
            with contender.arrange(stage) as command:
                sample = measure(command)
            counts = f"round {number}" if number else "warm-up"
            tell(f"{workload.name}, {counts}: {contender.name} {sample.wall:.3f} s")
            if number:
                samples[contender.name].append(sample)
    return Outcome(workload, samples)
