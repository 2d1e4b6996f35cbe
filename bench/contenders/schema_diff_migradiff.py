"""migradiff compares two databases; SQLAlchemy from 2.1 on does not know the URLs that it makes."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Contender, Stage
from bench.measure import Command
from bench.schemas import Databases, script
from bench.venvs import python_with
from bench.workloads.schema_diff import NAME, ONE, OTHER

REQUIREMENTS = ("migradiff==1.7.2", "sqlalchemy<2.1", "psycopg[binary]==3.3.9")


@contextmanager
def _migradiff(stage: Stage) -> Generator[Command]:
    assert isinstance(stage, Databases)
    python = python_with(REQUIREMENTS, stage.folder / "migradiff")
    yield script(python, "compare_migradiff", [stage.url(ONE, "+psycopg"), stage.url(OTHER, "+psycopg")])


CONTENDERS = (Contender(NAME, "migradiff", _migradiff),)
