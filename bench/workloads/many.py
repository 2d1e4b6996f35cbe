"""Five hundred small migrations into an empty database, against one psql that is handed the same files.

Every fifth alters a table (a column, a check); the others create one (an identity key, a foreign key to the
table before) with two indexes: 400 tables from 1,400 statements. psql gets each file in a transaction of its
own and keeps no ledger. All meet the same server: one such as the tool keeps for an embedded environment, on
a disk and durable. A contender of another file starts from ``fresh_database`` and the stage's ``migrations/``.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from psycopg import sql

from bench.contest import Aim, Contender, Stage, Workload
from bench.example import pipeline
from bench.measure import Command
from pipeline.postgres.connect import connected
from pipeline.throwaway.cluster import Cluster
from pipeline.throwaway.embedded import forget, keep

COUNT = 500
ALTER_EVERY = 5
OWNER = "owner"
ENVIRONMENTS = """\
version: 1
project: many
migrations: {format: flyway, path: migrations}
environments:
  dev:
    database: {url: "${BENCH_DATABASE_URL}"}
"""


@dataclass(frozen=True)
class ServerStage(Stage):
    """A folder with the project, and the server that every run gets a database of."""

    server: Cluster


def migration(number: int) -> tuple[str, str]:
    """The file name and the text of migration ``number``, counted from 1; always the same."""
    if number % ALTER_EVERY == 0:
        return f"V{number}__alter_t{number - 1}.sql", _alter(number)
    return f"V{number}__create_t{number}.sql", _create(number)


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
def _prepare(folder: Path) -> Generator[Stage]:
    (folder / "migrations").mkdir()
    names: list[str] = []
    for number in range(1, COUNT + 1):
        name, text = migration(number)
        (folder / "migrations" / name).write_text(text, encoding="utf-8")
        names.append(name)
    (folder / "environments.yaml").write_text(ENVIRONMENTS, encoding="utf-8")
    script = "".join(f"BEGIN;\n\\i migrations/{name}\nCOMMIT;\n" for name in names)
    (folder / "all.sql").write_text(script, encoding="utf-8")
    home = folder / "server"
    try:
        with keep(home, database="unused", owner=OWNER, environ=os.environ) as server:
            yield ServerStage(folder, server)
    finally:
        forget(home)


@contextmanager
def fresh_database(stage: Stage) -> Generator[tuple[Cluster, str]]:
    """An empty database of an owner who is no superuser: the server and a URL; dropped afterwards."""
    if not isinstance(stage, ServerStage):
        raise TypeError(f"{stage} has no server")
    name = f"many_{uuid4().hex[:8]}"
    where = quote(stage.server.target(name).resolve()["host"], safe="")
    with connected(stage.server.target("postgres")) as session:
        run = session.connection.execute
        run(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
        run("CHECKPOINT")
        yield stage.server, f"postgresql://{OWNER}@/{name}?host={where}"
        run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _psql(stage: Stage) -> Generator[Command]:
    with fresh_database(stage) as (server, url):
        psql = str(server.installation.program("psql"))
        argv = (psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "all.sql", url)
        yield Command(argv, cwd=stage.folder)


@contextmanager
def _pipeline(stage: Stage) -> Generator[Command]:
    with fresh_database(stage) as (_, url):
        command = pipeline(stage.folder, "migrate", "dev")
        yield Command(command.argv, command.cwd, {**command.environ, "BENCH_DATABASE_URL": url})


WORKLOAD = Workload(
    name="many",
    question="how long do 500 small migrations take?",
    rounds=5,
    prepare=_prepare,
    aims=(Aim("pipeline", "wall ratio", 1.5),),
)
CONTENDERS = (Contender("many", "psql", _psql), Contender("many", "pipeline", _pipeline))
