"""The snapshot after a migration that made one table: everything is read anew, or what may have changed."""

import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from bench.contest import Aim, Contender, Stage, Workload
from bench.measure import Command
from bench.schemas import Databases, databases, script

SIZES = (1000, 5000)


def _prepare(folder: Path) -> AbstractContextManager[Stage]:
    return databases(folder, {_database(size): size for size in SIZES})


def _database(size: int) -> str:
    return f"tables_{size}"


@contextmanager
def _run(stage: Stage, size: int, way: str) -> Generator[Command]:
    assert isinstance(stage, Databases)
    yield script(sys.executable, "snapshot_again", [stage.url(_database(size)), way])


def _name(size: int, way: str) -> str:
    return f"{way}, {size:,} tables"


WORKLOAD = Workload(
    name="schema-again",
    question="how long does the snapshot after one migration take?",
    rounds=5,
    prepare=_prepare,
    aims=tuple(
        Aim(_name(size, "successive"), "wall ratio", 0.4, against=_name(size, "full")) for size in SIZES
    ),
)
CONTENDERS = tuple(
    Contender(WORKLOAD.name, _name(size, way), partial(_run, size=size, way=way))
    for size in SIZES
    for way in ("full", "successive")
)
