"""A workload asks one question; contenders answer it in turn, round after round.

The machine's mood changes within a run. So no contender runs twice in a row, and ratios are taken between
the runs of one round, where both met the same mood. What one leaves behind (a disk that is still writing)
falls to whoever comes next: so each round has another order, the same in every contest of as many.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

from bench.measure import Command, Sample, measure

Figure = Literal["wall", "cpu", "wall ratio", "cpu ratio", "peak"]


@dataclass(frozen=True)
class Aim:
    """What a contender must reach: the median of a figure, in seconds or MiB, or as a ratio.

    Ratios are to the first contender, or to the one it is measured ``against``.
    """

    contender: str
    figure: Figure
    at_most: float
    against: str | None = None


class LeftOut(Exception):
    """A contender cannot take part on this machine; the message says why. Raised while it is arranged."""


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
    """A way to do a workload's work. ``arrange`` prepares each run and yields the command to measure.

    Only the first of a workload may not raise LeftOut: the others are compared with it.
    """

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
    """The samples of every contender, in rounds: the n-th samples of all belong together.

    ``left_out`` says of those who could not take part, why.
    """

    workload: Workload
    samples: Mapping[str, Sequence[Sample]]
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])


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
    left_out: dict[str, str] = {}
    order = programme.contenders
    for number in range(rounds + 1):
        counts = f"round {number}" if number else "warm-up"
        order = _reordered(order, number) if number else order
        for contender in order:
            if contender.name in left_out:
                continue
            try:
                with contender.arrange(stage) as command:
                    sample = measure(command)
            except LeftOut as reason:
                left_out[contender.name] = str(reason)
                tell(f"{workload.name}: {contender.name} is LEFT OUT: {reason}")
                del samples[contender.name]
                continue
            tell(f"{workload.name}, {counts}: {contender.name} {sample.wall:.3f} s")
            if number:
                samples[contender.name].append(sample)
    return Outcome(workload, samples, left_out)


def _reordered(before: Sequence[Contender], number: int) -> Sequence[Contender]:
    """An order for a round, in which who came last in the one before is not the first."""
    order = Random(number).sample(before, len(before))  # noqa: S311  # no secret
    return [*order[1:], order[0]] if order[0] is before[-1] else order
