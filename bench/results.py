"""Samples become medians and ratios: a table for people, a document for whoever compares runs."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from bench.contest import Aim, Figure, Outcome
from bench.measure import Sample

FIGURES: tuple[Figure, ...] = ("wall", "cpu", "wall ratio", "cpu ratio")
SHORTEST = 1e-6


@dataclass(frozen=True)
class Row:
    """A contender's medians: seconds, and the ratio to the first contender, round by round."""

    contender: str
    figures: Mapping[Figure, float]


def rows(outcome: Outcome) -> list[Row]:
    """The medians of every contender, in their order."""
    base = next(iter(outcome.samples.values()))
    return [
        Row(
            name,
            {
                "wall": median(sample.wall for sample in samples),
                "cpu": median(sample.cpu for sample in samples),
                "wall ratio": _ratio(
                    [(mine.wall, other.wall) for mine, other in zip(samples, base, strict=True)]
                ),
                "cpu ratio": _ratio([(mine.cpu, other.cpu) for mine, other in zip(samples, base, strict=True)]),
            },
        )
        for name, samples in outcome.samples.items()
    ]


def table(outcome: Outcome) -> str:
    """The rows and the aims, for a terminal."""
    medians = rows(outcome)
    width = max(len(row.contender) for row in medians)
    lines = [
        f"{outcome.workload.name}: {outcome.workload.question}",
        f"  {'':{width}}  {'wall s':>8}  {'cpu s':>8}  {'wall ratio':>10}  {'cpu ratio':>10}",
    ]
    for row in medians:
        seconds = "  ".join(f"{row.figures[figure]:8.3f}" for figure in FIGURES[:2])
        ratios = "  ".join(f"{row.figures[figure]:10.2f}" for figure in FIGURES[2:])
        lines.append(f"  {row.contender:{width}}  {seconds}  {ratios}")
    lines += [f"  aim: {_told(aim, medians)}" for aim in outcome.workload.aims]
    return "\n".join(lines)


def document(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Everything measured, and on what."""
    return {
        "schema_version": 1,
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "workloads": {outcome.workload.name: _contest(outcome) for outcome in outcomes},
    }


def _contest(outcome: Outcome) -> dict[str, object]:
    return {
        row.contender: {
            "median": dict(row.figures),
            "samples": [_sample(sample) for sample in outcome.samples[row.contender]],
        }
        for row in rows(outcome)
    }


def _sample(sample: Sample) -> dict[str, float]:
    return {"wall": sample.wall, "cpu": sample.cpu}


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """The clock of CPU time ticks: a base too quick for it counts as its smallest step, not as nothing."""
    return median(mine / max(other, SHORTEST) for mine, other in pairs)


def _told(aim: Aim, medians: Sequence[Row]) -> str:
    reached = next(row for row in medians if row.contender == aim.contender).figures[aim.figure]
    verdict = "met" if reached <= aim.at_most else "MISSED"
    return f"{aim.contender}, {aim.figure} at most {aim.at_most:g}: {reached:.3f}, {verdict}"
