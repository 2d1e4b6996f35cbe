"""The real Flyway applies the same files, as the tests install it: a virtual machine that starts lean."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Contender, LeftOut, Stage
from bench.measure import Command
from bench.workloads.many import DATABASE, NAME, OWNER, fresh_database
from tests.support.real_flyway import missing_flyway, program


@contextmanager
def _flyway(stage: Stage) -> Generator[Command]:
    if reason := missing_flyway():
        raise LeftOut(reason)
    with fresh_database(stage) as (server, _):
        where = server.target(DATABASE, OWNER).resolve()
        socket = f"socketFactory=UnixSocketFactory&socketFactoryArg={where['host']}/.s.PGSQL.{where['port']}"
        settings = (
            f"-url=jdbc:postgresql://localhost/{DATABASE}?{socket}",
            f"-user={OWNER}",
            f"-locations=filesystem:{stage.folder / 'migrations'}",
        )
        yield Command((str(program()), *settings, "migrate"))


CONTENDERS = (Contender(NAME, "flyway", _flyway),)
