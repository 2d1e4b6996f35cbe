"""A server of a test's own that is stopped at once, or loses a backend, and is started again on what it has."""

import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from pipeline.postgres.target import Target
from pipeline.programs.installations import choose
from pipeline.throwaway.cluster import SUPERUSER
from pipeline.throwaway.places import server_account
from tests.support.processes import becomes, open_folder

SETTINGS = (
    "listen_addresses=",
    "fsync=off",  # it is the server that dies, and not the machine
    "wal_writer_delay=10s",  # so that a commit that nobody waits for stays where a crash takes it
)
PORT = "5432"


@dataclass
class Mortal:
    """A running server on ``folder``."""

    folder: Path
    postgres: Path
    process: "subprocess.Popen[bytes]"

    def target(self, database: str, user: str = SUPERUSER) -> Target:
        """A database of this server."""
        parameters = {"host": str(self.folder), "port": PORT, "dbname": database, "user": user}
        return Target(label=database, resolve=lambda: parameters)

    def stop_at_once(self) -> None:
        """As ``pg_ctl stop -m immediate`` does: what is not in the WAL's files by now is lost."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    def start(self) -> None:
        """Start it again."""
        self.process = _started(self.folder, self.postgres)
        self.until_ready()

    def kill(self, backend: int) -> None:
        """SIGKILL of one of its processes, which takes all sessions down; it recovers by itself."""
        with suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(backend, signal.SIGKILL)
        assert becomes(lambda: not Path(f"/proc/{backend}").exists())

    def until_ready(self) -> None:
        """Wait until it takes sessions."""
        assert becomes(self._answers, 30), (self.folder / "log").read_text()

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=str(self.folder), port=PORT, dbname="postgres", user=SUPERUSER).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def mortal(major: int) -> Generator[Mortal]:
    """A new server of that major."""
    installation = choose(major, os.environ)
    with open_folder() as folder:
        if account := server_account():
            os.chown(folder, account.uid, account.gid)
        argv = [
            installation.program("initdb"),
            "-D",
            folder / "data",
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "--no-sync",
        ]
        _run_as_server(argv, folder).communicate()
        postgres = installation.program("postgres")
        server = Mortal(folder, postgres, _started(folder, postgres))
        try:
            server.until_ready()
            yield server
        finally:
            server.stop_at_once()


def _started(folder: Path, postgres: Path) -> "subprocess.Popen[bytes]":
    options = [part for setting in SETTINGS for part in ("-c", setting)]
    return _run_as_server([postgres, "-D", folder / "data", "-k", folder, *options], folder)


def _run_as_server(argv: list[str | Path], folder: Path) -> "subprocess.Popen[bytes]":
    account = server_account()
    user, group = (account.uid, account.gid) if account else (None, None)
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(argv, user=user, group=group, cwd=folder, stdout=log, stderr=log)
