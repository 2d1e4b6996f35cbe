"""Five hundred small migrations into an empty database, against one psql that is handed the same files.

Every fifth alters a table (a column, a check); the others create one (an identity key, a foreign key to the
table before) with two indexes: 400 tables from 1,400 statements. ``psql`` is one process that is handed the
files as they are, each statement in a transaction of its own; ``psql-tx`` has each file in one. Neither keeps a
ledger. Each run meets a new server, durable and on a disk, such as the tool keeps for an embedded environment:
one that has seen earlier runs grows slower with each, and whoever comes second would pay for it. The servers
are removed with the stage: for half a minute after thousands of files went away, ext4 makes new ones three
times as slowly (it passes over inodes freed a moment ago), and that would be measured instead. A contender of
another file starts from ``fresh_database`` and the stage's folder, or from files that are ``laid_out`` anew.
"""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from psycopg import sql

from bench.contest import Aim, Contender, Stage, Workload
from bench.example import pipeline
from bench.measure import Command
from pipeline.postgres.connect import Connection, connected
from pipeline.throwaway.cluster import Cluster
from pipeline.throwaway.embedded import forget, keep

NAME = "many"
COUNT = 500
ALTER_EVERY = 5
OWNER = "owner"
DATABASE = "many"
SERVER = "server-"
ENVIRONMENTS = """\
version: 1
project: many
migrations: {format: flyway, path: migrations}
environments:
  dev:
    database: {url: "${BENCH_DATABASE_URL}"}
"""


@dataclass(frozen=True)
class Disk(Stage):
    """A stage whose servers wait ``flush_delay`` µs more for the disk at each commit."""

    flush_delay: int = 0


def migration(number: int) -> tuple[str, str]:
    """The file name and the text of migration ``number``, counted from 1; always the same."""
    return f"V{number}__{title(number)}.sql", _create(number) if number % ALTER_EVERY else _alter(number)


def title(number: int) -> str:
    """What migration ``number`` is called."""
    return f"create_t{number}" if number % ALTER_EVERY else f"alter_t{number - 1}"


def _create(number: int) -> str:
    previous = number - 1 if (number - 1) % ALTER_EVERY else number - 2
    parent = f" REFERENCES t{previous} (id)" if previous > 0 else ""
    return (
        f"CREATE TABLE t{number} (\n"
        "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
        f"    parent_id bigint{parent},\n"
        "    name text NOT NULL,\n"
        "    created_at timestamptz NOT NULL DEFAULT now()\n"
        ");\n"
        f"CREATE INDEX t{number}_parent_id_idx ON t{number} (parent_id);\n"
        f"CREATE INDEX t{number}_name_created_at_idx ON t{number} (name, created_at);\n"
    )


def _alter(number: int) -> str:
    table = f"t{number - 1}"
    return (
        f"ALTER TABLE {table} ADD COLUMN amount integer;\n"
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_amount_positive CHECK (amount > 0);\n"
    )


@contextmanager
def prepare(folder: Path, flush_delay: int = 0, count: int = COUNT) -> Generator[Disk]:
    """Write the migrations; at the end, remove the servers of all runs."""
    names = write(folder, count)
    plain = "".join(f"\\i migrations/{name}\n" for name in names)
    (folder / "plain.sql").write_text(plain, encoding="utf-8")
    wrapped = "".join(f"BEGIN;\n\\i migrations/{name}\nCOMMIT;\n" for name in names)
    (folder / "wrapped.sql").write_text(wrapped, encoding="utf-8")
    try:
        yield Disk(folder, flush_delay)
    finally:
        for home in folder.glob(f"{SERVER}*"):
            forget(home)


def write(folder: Path, count: int) -> list[str]:
    """Make a Flyway project of so many migrations; returns the names of the files, in order."""
    (folder / "migrations").mkdir()
    (folder / "environments.yaml").write_text(ENVIRONMENTS, encoding="utf-8")
    migrations = [migration(number) for number in range(1, count + 1)]
    for name, text in migrations:
        (folder / "migrations" / name).write_text(text, encoding="utf-8")
    return [name for name, _ in migrations]


def laid_out(stage: Stage, folder: str, name: Callable[[int, str], str], *, within: str = "{}") -> Path:
    """The same migrations in another tool's layout, written when first asked for.

    ``name`` makes the path of a file from number and title; ``within`` is what the tool wants around its text.
    """
    files = stage.folder / folder
    if not files.exists():
        for number in range(1, COUNT + 1):
            file = files / name(number, title(number))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(within.format(migration(number)[1]), encoding="utf-8")
    return files


@contextmanager
def fresh_database(stage: Stage) -> Generator[tuple[Cluster, str]]:
    """An empty database, on a new server, of an owner who is no superuser: the server and a URL."""
    home = stage.folder / f"{SERVER}{uuid4().hex[:8]}"
    with keep(home, database=DATABASE, owner=OWNER, environ=os.environ) as server:
        where = quote(server.target(DATABASE).resolve()["host"], safe="")
        with connected(server.target("postgres")) as session:
            if isinstance(stage, Disk):
                _slow_down(session.connection, stage.flush_delay)
            session.connection.execute("CHECKPOINT")
        yield server, f"postgresql://{OWNER}@/{DATABASE}?host={where}"


def _slow_down(connection: Connection, flush_delay: int) -> None:
    for setting, value in {"commit_siblings": 0, "commit_delay": flush_delay}.items():
        command = sql.SQL("ALTER DATABASE {} SET {} = {}")
        names = (sql.Identifier(DATABASE), sql.Identifier(setting), sql.Literal(value))
        connection.execute(command.format(*names))


@contextmanager
def by_psql(stage: Stage, script: str, *options: str) -> Generator[Command]:
    """One psql that is handed a script."""
    with fresh_database(stage) as (server, url):
        psql = str(server.installation.program("psql"))
        argv = (psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, "-f", script, url)
        yield Command(argv, cwd=stage.folder)


@contextmanager
def by_migrate(stage: Stage) -> Generator[Command]:
    """One ``pipeline migrate``."""
    with fresh_database(stage) as (_, url):
        yield pipeline(stage.folder, "migrate", "dev", database=url)


def contenders(workload: str) -> tuple[Contender, ...]:
    """Those who apply the files, the plain psql first."""
    return (
        Contender(workload, "psql", partial(by_psql, script="plain.sql")),
        Contender(workload, "psql-tx", partial(by_psql, script="wrapped.sql")),
        Contender(workload, "pipeline", by_migrate),
    )


AIMS = (Aim("pipeline", "wall ratio", 1.3),)
RIVALS = ("flyway", "golang-migrate", "prisma", "dbmate")
"""Those of ``contenders/``, each of which is to be slower."""
WORKLOAD = Workload(
    name=NAME,
    question="how long do 500 small migrations take?",
    rounds=5,
    prepare=prepare,
    aims=(*AIMS, *(Aim("pipeline", "wall ratio", 1.0, against=rival) for rival in RIVALS)),
)
CONTENDERS = contenders(NAME)
