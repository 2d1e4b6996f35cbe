"""The servers that tests run on: one per major and test process, a fresh database per test.

Servers listen on a unix socket in a private folder and do not sync; they end with the process that
started them.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from pipeline.errors import Unavailable
from pipeline.postgres.target import Target
from pipeline.programs.installations import Installation, choose

WANTED_MAJORS = (15, 18)
ACCOUNT = "postgres"


@dataclass
class TestServer:
    """A running server of one major, for tests."""

    __test__ = False

    installation: Installation
    folder: Path
    process: subprocess.Popen[bytes]
    superuser: str = "postgres"
    on_memory: bool = True

    @property
    def major(self) -> int:
        return self.installation.major

    @property
    def version(self) -> str:
        return self.installation.version

    @property
    def where(self) -> str:
        return str(self.folder)

    def target(self, database: str, user: str | None = None) -> Target:
        """A database of this server, as its superuser or as ``user``."""
        parameters = {"host": str(self.folder), "dbname": database, "user": user or self.superuser}
        return Target(label=database, resolve=lambda: parameters)

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Servers:
    """The servers of this test process, started when first asked for."""

    running: dict[int, TestServer] = field(default_factory=dict[int, TestServer])

    def get(self, major: int) -> TestServer:
        """The server of a major; raises Unavailable where this machine has none."""
        if major not in self.running:
            self.running[major] = _start(choose(major, os.environ))
        return self.running[major]

    def close(self) -> None:
        for server in self.running.values():
            server.close()


def missing_majors() -> Mapping[int, str]:
    """The majors that tests want and this machine lacks, with the reason."""
    missing: dict[int, str] = {}
    for major in WANTED_MAJORS:
        try:
            choose(major, os.environ)
        except Unavailable as error:
            missing[major] = f"{error}: {error.todo}"
    return missing


def _start(installation: Installation) -> TestServer:
    base = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a private folder within
    folder = Path(tempfile.mkdtemp(prefix="pipeline-tests-", dir=base))
    account = ACCOUNT if os.geteuid() == 0 else None
    if account:
        shutil.chown(folder, account)
    data = folder / "data"
    initdb = [installation.program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
    subprocess.run([*initdb, "--locale=C.UTF-8"], user=account, cwd="/", check=True, capture_output=True)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        argv = [installation.program("postgres"), "-D", data, *options]
        process = subprocess.Popen(argv, user=account, cwd="/", stdout=log, stderr=log)
    server = TestServer(installation, folder, process)
    for _ in range(400):
        if (folder / ".s.PGSQL.5432").exists() and b"ready to accept" in (folder / "log").read_bytes():
            return server
        time.sleep(0.025)
    raise AssertionError((folder / "log").read_text())


def as_superuser(server: TestServer) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection that creates and drops databases and roles."""
    return psycopg.connect(autocommit=True, **server.target("postgres").resolve())  # pyright: ignore[reportArgumentType]


def create_database(server: TestServer) -> str:
    """A fresh, empty database with a name of its own."""
    name = f"t_{uuid4().hex[:12]}"
    with as_superuser(server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return name


def drop_database(server: TestServer, name: str) -> None:
    """Away with it, with whoever is still connected, and with its owner."""
    with as_superuser(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"owner_of_{name}")))


def create_owner(server: TestServer, database: str) -> str:
    """A login role without any privilege that owns ``database``, as a migration role should be."""
    name = f"owner_of_{database}"
    role, owned = sql.Identifier(name), sql.Identifier(database)
    with as_superuser(server) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB").format(role))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(owned, role))
    return name
