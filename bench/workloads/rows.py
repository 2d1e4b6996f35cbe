"""A data migration of 170,000 single-row INSERTs, 20 MB, in one transaction, against ``psql -1 -f``.

psql sends one statement at a time. Each run meets a new server, as in ``many``.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.contest import Aim, Contender, Stage, Workload
from bench.workloads.many import ENVIRONMENTS, SERVER, by_migrate, by_psql
from pipeline.throwaway.embedded import forget

COUNT = 170_000
TABLE = "CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz NOT NULL, kind text NOT NULL, note text);\n"
SCRIPT = "migrations/V1__events.sql"


def row(number: int) -> tuple[str, str, str, str]:
    """The values of row ``number``; always the same."""
    at = f"2026-01-{number % 28 + 1:02} {number % 24:02}:{number % 60:02}:00+00"
    return str(number), at, f"kind-{number % 40}", f"what happened the {number}th time"


def _inserts() -> Iterator[str]:
    yield TABLE
    for number in range(COUNT):
        identity, *texts = row(number)
        values = ", ".join(f"'{text}'" for text in texts)
        yield f"INSERT INTO events (id, at, kind, note) VALUES ({identity}, {values});\n"  # noqa: S608 - a file


@contextmanager
def prepare(folder: Path, lines: Iterator[str]) -> Generator[Stage]:
    """Write the one migration; at the end, remove the servers of all runs."""
    (folder / "migrations").mkdir()
    (folder / "environments.yaml").write_text(ENVIRONMENTS, encoding="utf-8")
    with (folder / SCRIPT).open("w", encoding="utf-8") as file:
        file.writelines(lines)
    try:
        yield Stage(folder)
    finally:
        for home in folder.glob(f"{SERVER}*"):
            forget(home)


def contenders(workload: str) -> tuple[Contender, ...]:
    """Those who apply the file, psql first."""
    return (
        Contender(workload, "psql", lambda stage: by_psql(stage, SCRIPT, "-1")),
        Contender(workload, "pipeline", by_migrate),
    )


WORKLOAD = Workload(
    name="rows",
    question="how long do 170,000 INSERTs in one migration take?",
    rounds=3,
    prepare=lambda folder: prepare(folder, _inserts()),
    aims=(Aim("pipeline", "wall ratio", 0.5), Aim("pipeline", "peak", 200)),
)
CONTENDERS = contenders("rows")
