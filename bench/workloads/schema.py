"""A snapshot of a thousand tables and its fingerprint, against lean queries whose answers nobody keeps.

Both meet a connection that was just made, so that the server has nothing in its caches of the catalogs: a tool
that looks at a database once pays for that. Connecting is not counted.
"""

import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from bench.contest import Aim, Contender, Stage, Workload
from bench.measure import Command
from bench.schemas import Databases, databases, script

TABLES = 1000
DATABASE = "shop"


def _prepare(folder: Path) -> AbstractContextManager[Stage]:
    return databases(folder, {DATABASE: TABLES})


@contextmanager
def _run(stage: Stage, name: str) -> Generator[Command]:
    assert isinstance(stage, Databases)
    yield script(sys.executable, name, [stage.url(DATABASE)])


WORKLOAD = Workload(
    name="schema",
    question=f"how long do a snapshot of {TABLES:,} tables and its fingerprint take?",
    rounds=9,
    prepare=_prepare,
    aims=(Aim("pipeline", "wall ratio", 1.5),),
)
CONTENDERS = (
    Contender("schema", "bare queries", partial(_run, name="bare_queries")),
    Contender("schema", "pipeline", partial(_run, name="snapshot")),
)
