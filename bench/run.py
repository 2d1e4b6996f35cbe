"""``python -m bench.run [WORKLOAD …]``: hold the contests, print the tables, keep the samples."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.contest import Outcome, Programme, Stage, hold
from bench.discover import discover
from bench.measure import CommandFailed
from bench.results import document, table

RESULTS = Path(__file__).parent / "results"


@dataclass
class Options:
    """The command line, as argparse fills it in."""

    workloads: list[str] = field(default_factory=list[str])
    rounds: int | None = None
    output: Path | None = None
    list: bool = False


def main(argv: Sequence[str]) -> int:
    """Exit code 1 when a contender failed, 64 when a workload is not known; a missed aim is no failure."""
    options = _read(argv)
    programmes = discover()
    if unknown := set(options.workloads) - {programme.workload.name for programme in programmes}:
        print(f"no such workload: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 64
    chosen = [one for one in programmes if not options.workloads or one.workload.name in options.workloads]
    if options.list:
        print("\n".join(_listed(programme) for programme in chosen))
        return 0
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", file=sys.stderr)
    with TemporaryDirectory(prefix="pipeline-bench-") as folder, ExitStack() as stages:
        Path(folder).chmod(0o711)  # the server's user may enter it, as it may a checkout
        held = [
            outcome
            for programme in chosen
            if (outcome := _hold(programme, _stage(programme, Path(folder), stages), options.rounds))
        ]
    if held:
        print(f"\nsamples: {_keep(held, options.output)}")
    return 0 if len(held) == len(chosen) else 1


def _read(argv: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="bench", description="Measure workloads, each contender in turn.")
    parser.add_argument("workloads", nargs="*", help="which ones; all when none is named")
    parser.add_argument("--rounds", type=int, help="how many count, instead of the workload's own number")
    parser.add_argument("--output", type=Path, help="where the samples go, instead of bench/results/")
    parser.add_argument("--list", action="store_true", help="say what there is, and measure nothing")
    return parser.parse_args(argv, namespace=Options())


def _listed(programme: Programme) -> str:
    names = ", ".join(contender.name for contender in programme.contenders)
    return f"{programme.workload.name}: {programme.workload.question}\n  {names}"


def _stage(programme: Programme, folder: Path, stages: ExitStack) -> Stage:
    place = folder / programme.workload.name
    place.mkdir(mode=0o711)
    return stages.enter_context(programme.workload.prepare(place))


def _hold(programme: Programme, stage: Stage, rounds: int | None) -> Outcome | None:
    workload = programme.workload
    try:
        outcome = hold(programme, stage, rounds or workload.rounds, _tell)
    except CommandFailed as error:
        print(f"{workload.name} was given up: {error}", file=sys.stderr)
        return None
    print(f"\n{table(outcome)}", flush=True)
    return outcome


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _keep(outcomes: Sequence[Outcome], path: Path | None) -> Path:
    """Write the samples; returns where."""
    where = path or RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_text(json.dumps(document(outcomes), indent=1) + "\n", encoding="utf-8")
    return where


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
