"""The real golang-migrate applies the same texts, in files of its own names."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Contender, LeftOut, Stage
from bench.measure import Command
from bench.workloads.many import DATABASE, NAME, OWNER, fresh_database, laid_out
from tests.support.real_migrate import missing_migrate, program, url


@contextmanager
def _migrate(stage: Stage) -> Generator[Command]:
    if reason := missing_migrate():
        raise LeftOut(reason)
    files = laid_out(stage, "golang-migrate", lambda number, title: f"{number}_{title}.up.sql")
    with fresh_database(stage) as (server, _):
        where = url(server.target(DATABASE, OWNER), {})
        yield Command((str(program()), "-path", str(files), "-database", where, "up"))


CONTENDERS = (Contender(NAME, "golang-migrate", _migrate),)
