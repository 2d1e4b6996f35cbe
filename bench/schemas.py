"""The stage of the workloads about schemas: one server of its own, with a database for each of them."""

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bench.contest import Stage
from bench.example import ROOT
from bench.measure import Command
from bench.shapes import build
from pipeline.postgres.connect import connected
from pipeline.programs.installations import choose
from pipeline.throwaway.embedded import start

SCRIPTS = "bench.scripts"
BYTES_PER_TABLE = 100_000
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Databases(Stage):
    """A stage with a server; ``url`` is where its databases are, with a place for the name."""

    where: str = ""

    def url(self, database: str, driver: str = "") -> str:
        """The URL of a database, for libpq or (``+psycopg``) for SQLAlchemy."""
        return self.where.format(driver=driver, database=database)


@contextmanager
def databases(
    folder: Path, tables: Mapping[str, int], extra: Mapping[str, str] = NOTHING
) -> Generator[Databases]:
    """A server with databases of so many ``tables``, and ``extra`` SQL in some; gone with the block."""
    room = sum(tables.values()) * BYTES_PER_TABLE
    major = choose(None, os.environ).major
    with start(major, state=folder / "state", environ=os.environ, expected_bytes=room) as server:
        for name, number in tables.items():
            with connected(server.target("postgres")) as session:
                session.connection.execute(f"CREATE DATABASE {name}".encode())
            with connected(server.target(name)) as session:
                build(session.connection, number)
                if name in extra:
                    session.connection.execute(extra[name].encode())
        at = server.target("postgres").resolve()
        host = quote(at["host"], safe="")
        yield Databases(
            folder, f"postgresql{{driver}}://{at['user']}@/{{database}}?host={host}&port={at['port']}"
        )


def script(python: str | Path, name: str, arguments: Sequence[str]) -> Command:
    """A script of ``scripts/`` under some Python, from this checkout."""
    argv = (str(python), "-m", f"{SCRIPTS}.{name}", *arguments)
    return Command(argv, environ={"PYTHONPATH": str(ROOT)}, times_itself=True)
