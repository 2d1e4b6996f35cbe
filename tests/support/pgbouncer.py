"""A real PgBouncer in front of a server, on a socket of its own."""

import os
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipeline.postgres.target import Target
from pipeline.throwaway.places import server_account
from tests.support.processes import becomes, open_folder

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
INI = """\
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
"""


@cache
def missing_pgbouncer() -> str | None:
    """The reason why there is no PgBouncer here, or None."""
    return None if shutil.which("pgbouncer", path=PATH) else "no program pgbouncer (Debian: pgbouncer)"


@contextmanager
def pooled(target: Target, mode: str) -> Generator[Target]:
    """``target`` by way of a PgBouncer in pool mode ``mode``."""
    parameters = target.resolve()
    account = server_account()
    with open_folder() as folder:
        settings = INI.format(host=parameters["host"], port=parameters["port"], folder=folder, mode=mode)
        (folder / "ini").write_text(settings)
        (folder / "users").write_text(f'"{parameters["user"]}" ""\n')
        if account:
            os.chown(folder, account.uid, account.gid)
        with _running(
            [str(shutil.which("pgbouncer", path=PATH)), "-q", "ini"], folder, account and account.name
        ):
            assert becomes((folder / f".s.PGSQL.{parameters['port']}").is_socket)
            yield target.elsewhere(host=str(folder))


@contextmanager
def _running(argv: list[str], folder: Path, user: str | None) -> Generator[None]:
    process = subprocess.Popen(
        argv, cwd=folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
