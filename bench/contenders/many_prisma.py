"""The real Prisma applies the same texts, in folders of its own; its engine in JavaScript, as in the tests."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Contender, LeftOut, Stage
from bench.measure import Command
from bench.workloads.many import DATABASE, NAME, OWNER, fresh_database, laid_out
from tests.support.real_prisma import ARRANGEMENT, command_line, environment, missing_prisma

FIRST = 20260101000000


@contextmanager
def _prisma(stage: Stage) -> Generator[Command]:
    if reason := missing_prisma():
        raise LeftOut(reason)
    files = laid_out(stage, "prisma", lambda number, title: f"{FIRST + number}_{title}/migration.sql")
    (files / "migration_lock.toml").write_text('provider = "postgresql"\n', encoding="utf-8")
    with fresh_database(stage) as (server, _):
        environ = environment(server.target(DATABASE, OWNER), files)
        yield Command(command_line("migrate", "deploy"), ARRANGEMENT, environ)


CONTENDERS = (Contender(NAME, "prisma", _prisma),)
