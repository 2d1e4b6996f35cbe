"""The real flyway, prisma and migrate: found, told what to apply, and heard out.

What they apply is written anew from memory into a private folder, so it is what was read and nothing else.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.errors import Unavailable
from pipeline.programs import flyway, golang_migrate, prisma
from pipeline.programs.job import Call, Job
from pipeline.programs.place import Place
from pipeline.programs.run import lean, masked, run

LIMIT = 16_000
"""Characters of what a program said that are kept: the last ones, where it says how it ended."""
ANY_CODE = range(-64, 256)


@dataclass(frozen=True)
class Tool:
    """One of the programs: its usual name, where to get it, and how it is called.

    ``nearby`` is where a project may have it, ``only_tcp`` says that it knows no sockets;
    ``must_secure`` raises Unavailable for a line that it cannot secure as it should be.
    """

    name: str
    install: str
    call: Callable[[Job, Path], Call]
    inherits: frozenset[str]
    nearby: tuple[str, ...] = ()
    only_tcp: bool = False
    must_secure: Callable[[Place], None] = lambda _: None
    major_of: Callable[[Path], int | None] = lambda _: None


TOOLS: Mapping[str, Tool] = {
    "flyway": Tool(
        "flyway",
        "install Flyway's command line (https://documentation.red-gate.com/flyway) or set migrations.program",
        flyway.call,
        flyway.INHERITS,
        only_tcp=True,
        must_secure=flyway.must_secure,
    ),
    "prisma": Tool(
        "prisma",
        "npm install prisma, or set migrations.program",
        prisma.call,
        prisma.INHERITS,
        nearby=("node_modules/.bin/prisma",),
        must_secure=prisma.must_secure,
        major_of=prisma.major_of,
    ),
    "golang-migrate": Tool(
        "migrate",
        "go install -tags postgres github.com/golang-migrate/migrate/v4/cmd/migrate@latest,"
        " or set migrations.program",
        golang_migrate.call,
        golang_migrate.INHERITS,
    ),
}
"""By format."""


@dataclass(frozen=True)
class Program:
    """A tool that was found on this machine."""

    tool: Tool
    path: Path

    def must_reach(self, place: Place) -> None:
        """Raise Unavailable for a place to which it has no way."""
        if self.tool.only_tcp and place.by_socket:
            raise Unavailable(
                f"{self.tool.name} cannot reach a server by its socket",
                where=place.host,
                why="its driver speaks TCP only",
                todo="give this environment a URL with a host, or let pipeline apply the migrations"
                " (migrations.runner: native)",
            )
        self.tool.must_secure(place)

    def apply(self, job: Job, *, environ: Mapping[str, str], timeout: timedelta) -> tuple[int, str]:
        """Have it apply what is pending in the job's files; how it ended, and what it said, without secrets.

        Raises Unavailable when it cannot be started, Failed when it outlives ``timeout``.
        """
        with TemporaryDirectory(prefix="pipeline-") as private:
            major = self.tool.major_of(self.path) or job.major
            call = self.tool.call(replace(job, major=major), Path(private))
            kept = {name: value for name, value in environ.items() if name in self.tool.inherits}
            env = lean(environ, **kept, **call.env)
            ended = run(
                [self.path, *call.arguments],
                timeout=timeout,
                env=env,
                cwd=Path(private),
                accept=ANY_CODE,
            )
        return ended.returncode, masked(f"{ended.stdout}{ended.stderr}", env).strip()[-LIMIT:]


def find(format_name: str, given: str | None, *, root: Path, environ: Mapping[str, str]) -> Program:
    """The program of a format: as ``given`` (a name on PATH, or a path from ``root``), or the usual one.

    Raises Unavailable, naming it and where to get it.
    """
    tool = TOOLS[format_name]
    wanted = [given] if given else [tool.name, *tool.nearby]
    for name in wanted:
        # A path that is absolute stays so.
        place = str(root / name) if "/" in name else name
        found = shutil.which(place, path=environ.get("PATH", ""))
        if found:
            return Program(tool, Path(found).absolute())
    raise Unavailable(
        f"there is no program {given or tool.name}, which is to apply the migrations",
        why="migrations.runner: tool" + ("" if given else f"; looked for {', '.join(wanted)}"),
        todo=tool.install,
    )
