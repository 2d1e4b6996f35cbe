"""Snapshots and fingerprints of more and more tables: time and memory must grow as they do, and no faster."""

import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from bench.contest import Aim, Contender, Stage, Workload
from bench.measure import Command
from bench.schemas import Databases, databases, script

SIZES = (1000, 100, 5000, 20_000)
"""The first is the one that the others are compared with."""
TOLERANCE = 1.25
"""Memory that a larger snapshot needs is slower memory, and so are a server's larger hash tables."""


def _prepare(folder: Path) -> AbstractContextManager[Stage]:
    return databases(folder, {_database(size): size for size in SIZES})


def _database(size: int) -> str:
    return f"tables_{size}"


def _name(size: int) -> str:
    return f"{size:,} tables"


@contextmanager
def _run(stage: Stage, size: int) -> Generator[Command]:
    assert isinstance(stage, Databases)
    yield script(sys.executable, "snapshot", [stage.url(_database(size))])


WORKLOAD = Workload(
    name="schema-growth",
    question="how do time and memory of a snapshot with fingerprint grow with the schema?",
    rounds=5,
    prepare=_prepare,
    aims=(
        Aim(_name(5000), "wall", 3.0),
        Aim(_name(5000), "peak", 300),
        *(Aim(_name(size), "wall ratio", TOLERANCE * size / SIZES[0]) for size in (5000, 20_000)),
    ),
)
CONTENDERS = tuple(Contender("schema-growth", _name(size), partial(_run, size=size)) for size in SIZES)
