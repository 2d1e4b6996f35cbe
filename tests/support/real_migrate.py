"""The real golang-migrate, as tests/support/tools/migrate.sh builds it or as it lies on PATH."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from pipeline.postgres.target import Target
from tests.support.commands import Ended
from tests.support.tools import folder

DEADLINE = 60
"""Seconds after which the program hangs, as far as a test is concerned."""


@cache
def program() -> str | None:
    """Where it is, or None."""
    built = folder() / "migrate" / "migrate"
    return str(built) if built.exists() else shutil.which("migrate")


def missing_migrate() -> str | None:
    """The reason why there is no golang-migrate here, or None."""
    return None if program() else "no golang-migrate (tests/support/tools/migrate.sh builds it)"


def url(target: Target, options: Mapping[str, object]) -> str:
    """The database as golang-migrate names it, with its options."""
    where = target.resolve()
    asked = {"host": where["host"], "port": where["port"], "sslmode": "disable", **options}
    query = urlencode({name: str(value).lower() if value is True else value for name, value in asked.items()})
    return f"postgres://{quote(where['user'])}@/{quote(where['dbname'])}?{query}"


def migrate(target: Target, migrations: Path, *arguments: str, options: Mapping[str, object]) -> Ended:
    """Run one command to its end; what it says stands on stderr."""
    where = ["-path", str(migrations), "-database", url(target, options)]
    ended = subprocess.run(
        [str(program()), *where, *arguments],
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
