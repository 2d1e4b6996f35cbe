"""The real Prisma, as tests/support/tools/prisma.sh installs it: its engine in JavaScript, over our adapter.

``tools/prisma`` says what had to be mended for that; what this arrangement cannot show (the native engine's
own error texts) is not compared.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from pipeline.postgres.target import Target
from tests.support.commands import Ended
from tests.support.tools import folder
from tests.support.tree import ROOT

ARRANGEMENT = Path(__file__).parent / "tools" / "prisma"
WRAPPER = """\
#!{python}
import os, sys
from urllib.parse import parse_qs, unquote, urlsplit
url = urlsplit(os.environ["DATABASE_URL"])
asked = {{name: values[-1] for name, values in parse_qs(url.query).items()}}
where = {{
    "PGHOST": asked.get("host") or url.hostname,
    "PGPORT": str(url.port),
    "PGUSER": unquote(url.username),
    "PGDATABASE": unquote(url.path[1:]),
    "PRISMA_SCHEMA_NAME": asked["schema"],
    "PRISMA_MIGRATIONS": os.path.abspath("migrations"),
    "PRISMA_HOME": os.path.join(os.environ.get("PIPELINE_TOOLS") or "{root}/.venv/tools", "prisma"),
    "PRISMA_CLIENT_ENGINE_TYPE": "client",
}}
command = os.path.join(where["PRISMA_HOME"], "node_modules/prisma/build/index.js")
arrangement = "{root}/tests/support/tools/prisma/prisma.config.mjs"
arguments = sys.argv[1 : sys.argv.index("--schema")]
os.execve("{node}", ["{node}", command, *arguments, "--config", arrangement], {{**os.environ, **where}})
"""
"""Our own arrangement in the place of the schema file that Prisma is told to use."""
DEADLINE = 60
"""Seconds after which the program hangs, as far as a test is concerned."""


@cache
def missing_prisma() -> str | None:
    """The reason why there is no Prisma here, or None."""
    if shutil.which("node") is None:
        return "no Node.js, which Prisma runs on"
    if not (folder() / "prisma" / "installed").exists():
        return "no Prisma (tests/support/tools/prisma.sh installs it)"
    return None


def prisma(target: Target, migrations: Path, *arguments: str, schema: str = "public") -> Ended:
    """Run ``prisma`` with these arguments to its end."""
    return _run(command_line(*arguments), environment(target, migrations, schema))


def command_line(*arguments: str) -> tuple[str, ...]:
    """``prisma`` with these arguments, to be run in the folder of the arrangement."""
    command = folder() / "prisma" / "node_modules" / "prisma" / "build" / "index.js"
    return (_node(), str(command), *arguments, "--config", str(ARRANGEMENT / "prisma.config.mjs"))


def environment(target: Target, migrations: Path, schema: str = "public") -> dict[str, str]:
    """What the arrangement is told: where the database is, and the files."""
    where = target.resolve()
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": os.environ.get("HOME", "/"),
        "PRISMA_HOME": str(folder() / "prisma"),
        "PRISMA_MIGRATIONS": str(migrations),
        "PRISMA_SCHEMA_NAME": schema,
        "PRISMA_CLIENT_ENGINE_TYPE": "client",
        "PRISMA_HIDE_UPDATE_MESSAGE": "1",
        "CHECKPOINT_DISABLE": "1",
        "NO_COLOR": "1",
        "DATABASE_URL": "postgresql://nobody@localhost/nothing",  # must be there, is not used
        "PGHOST": where["host"],
        "PGPORT": where["port"],
        "PGUSER": where["user"],
        "PGDATABASE": where["dbname"],
    }


def program(folder: Path) -> Path:
    """A program that takes Prisma's own arguments and DATABASE_URL, and connects as we arrange it."""
    path = folder / "prisma"
    path.write_text(WRAPPER.format(python=sys.executable, root=ROOT, node=_node()), "utf-8")
    path.chmod(0o755)
    return path


def resolve_rolled_back(target: Target, migrations: Path, name: str, *, schema: str = "public") -> Ended:
    """``prisma migrate resolve --rolled-back NAME``, which this arrangement asks of the engine itself."""
    argv = (_node(), str(ARRANGEMENT / "rolled-back.mjs"), name)
    return _run(argv, environment(target, migrations, schema))


def _node() -> str:
    return str(shutil.which("node"))


def _run(argv: Sequence[str], environ: Mapping[str, str]) -> Ended:
    ended = subprocess.run(
        argv, cwd=ARRANGEMENT, env=environ, capture_output=True, text=True, check=False, timeout=DEADLINE
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
