"""Alembic reflects one database and compares another with it; it sees tables, columns, keys and indexes."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Contender, Stage
from bench.measure import Command
from bench.schemas import Databases, script
from bench.venvs import python_with
from bench.workloads.schema_diff import NAME, ONE, OTHER

REQUIREMENTS = ("alembic==1.20.1", "sqlalchemy==2.1.9", "psycopg[binary]==3.3.9")


@contextmanager
def _alembic(stage: Stage) -> Generator[Command]:
    assert isinstance(stage, Databases)
    python = python_with(REQUIREMENTS, stage.folder / "alembic")
    yield script(python, "compare_alembic", [stage.url(ONE, "+psycopg"), stage.url(OTHER, "+psycopg")])


CONTENDERS = (Contender(NAME, "alembic", _alembic),)
