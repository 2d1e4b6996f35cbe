"""Samples become medians and ratios: a table for people, a document for whoever compares runs."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from bench.contest import Aim, Figure, Outcome
from bench.measure import Sample

SHORTEST = 1e-6


@dataclass(frozen=True)
class Row:
    """A contender's medians: seconds, MiB, and the ratio to the first contender, round by round."""

    contender: str
    figures: Mapping[Figure, float]


def rows(outcome: Outcome) -> list[Row]:
    """The medians of every contender, in their order."""
    base = next(iter(outcome.samples.values()))
    return [Row(name, _figures(samples, base)) for name, samples in outcome.samples.items()]


def table(outcome: Outcome) -> str:
    """The rows, who was left out, and the aims, for a terminal."""
    medians = rows(outcome)
    width = max(len(row.contender) for row in medians)
    lines = [
        f"{outcome.workload.name}: {outcome.workload.question}",
        f"  {'':{width}}  {'wall s':>8}  {'cpu s':>8}  {'wall ratio':>10}  {'cpu ratio':>10}  {'peak MiB':>8}",
    ]
    for row in medians:
        of = row.figures
        seconds = f"{of['wall']:8.3f}  {of['cpu']:8.3f}"
        ratios = f"{of['wall ratio']:10.2f}  {of['cpu ratio']:10.2f}"
        lines.append(f"  {row.contender:{width}}  {seconds}  {ratios}  {of['peak']:8.0f}")
    lines += [f"  LEFT OUT: {name}: {reason}" for name, reason in outcome.left_out.items()]
    lines += [f"  aim: {_told(aim, outcome)}" for aim in outcome.workload.aims]
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
    measured: dict[str, object] = {
        row.contender: {
            "median": dict(row.figures),
            "samples": [_sample(sample) for sample in outcome.samples[row.contender]],
        }
        for row in rows(outcome)
    }
    return measured | {name: {"left_out": reason} for name, reason in outcome.left_out.items()}


def _sample(sample: Sample) -> dict[str, float]:
    return {"wall": sample.wall, "cpu": sample.cpu, "peak": sample.peak}


def _figures(samples: Sequence[Sample], base: Sequence[Sample]) -> dict[Figure, float]:
    pairs = list(zip(samples, base, strict=True))
    return {
        "wall": median(sample.wall for sample in samples),
        "cpu": median(sample.cpu for sample in samples),
        "wall ratio": _ratio([(mine.wall, other.wall) for mine, other in pairs]),
        "cpu ratio": _ratio([(mine.cpu, other.cpu) for mine, other in pairs]),
        "peak": median(sample.peak for sample in samples),
    }


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """The clock of CPU time ticks: a base too quick for it counts as its smallest step, not as nothing."""
    return median(mine / max(other, SHORTEST) for mine, other in pairs)


def _told(aim: Aim, outcome: Outcome) -> str:
    words = f"{aim.contender}, {aim.figure} at most {aim.at_most:g}"
    base = aim.against or next(iter(outcome.samples))
    if aim.against:
        words += f" against {base}"
    if lost := {aim.contender, base} & outcome.left_out.keys():
        return f"{words}: NOT JUDGED, {', '.join(sorted(lost))} was left out"
    reached = _figures(outcome.samples[aim.contender], outcome.samples[base])[aim.figure]
    verdict = "met" if reached <= aim.at_most else "MISSED"
    return f"{words}: {reached:.3f}, {verdict}"
