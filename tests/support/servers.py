"""The servers that tests run on: one per major and test process, a fresh database per test.

They are throwaways of the product itself, so that they too vanish when a test process is killed.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from pipeline.errors import Unavailable
from pipeline.programs.installations import choose
from pipeline.throwaway import embedded
from pipeline.throwaway.cluster import Cluster

WANTED_MAJORS = (15, 18)
SCHEMA_MAJORS = (15, 17, 18)
"""What reads the catalogs runs on one more: they change with every major."""


class TestServer(Cluster):
    """A running server of one major; people who test want to know its socket's folder."""

    __test__ = False

    @property
    def where(self) -> str:
        return str(self.sockets)


@dataclass
class Servers:
    """The servers of this test process, started when first asked for; ``state`` keeps prepared data."""

    state: Path
    running: dict[int, TestServer] = field(default_factory=dict[int, TestServer])

    def get(self, major: int) -> TestServer:
        """The server of a major; raises Unavailable where this machine has none."""
        if major not in self.running:
            self.running[major] = started(major, self.state)
        return self.running[major]

    def close(self) -> None:
        """Let go of all of them."""
        for server in self.running.values():
            server.close()


def started(major: int, state: Path, *, tcp: bool = False) -> TestServer:
    """A server of that major; with ``tcp``, programs reach it that know no sockets. Raises Unavailable."""
    made = embedded.start(major, state=state, environ=os.environ, tcp=tcp)
    return TestServer(made.home, made.installation, made.sockets, made.users, door=made.door)


def missing_majors(wanted: Iterable[int] = WANTED_MAJORS) -> Mapping[int, str]:
    """The majors that tests want and this machine lacks, with the reason."""
    missing: dict[int, str] = {}
    for major in wanted:
        try:
            choose(major, os.environ)
        except Unavailable as error:
            missing[major] = f"{error}: {error.todo}"
    return missing


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


def recreate_database(server: TestServer, name: str) -> None:
    """Make it anew, empty, for the same owner; whoever is connected is thrown out."""
    database, owner = sql.Identifier(name), sql.Identifier(f"owner_of_{name}")
    with as_superuser(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
        text = "CREATE DATABASE {} TEMPLATE template0 OWNER {}"
        connection.execute(sql.SQL(text).format(database, owner))


def create_owner(server: TestServer, database: str) -> str:
    """A login role without any privilege that owns ``database``, as a migration role should be.

    Where there is a door, it comes through that with the door's password.
    """
    name = f"owner_of_{database}"
    role, owned = sql.Identifier(name), sql.Identifier(database)
    with as_superuser(server) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB").format(role))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(owned, role))
        if server.door is not None:
            password = sql.Literal(server.door.password)
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, password))
    return name
