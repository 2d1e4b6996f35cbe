"""pg_dump as a second witness of what a schema is, and databases in which changes are committed for it."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import sql

from pipeline.postgres.connect import Connection
from pipeline.programs.installations import choose
from pipeline.schema.digest import fingerprint, order_digest, settings_digest
from pipeline.schema.model import Snapshot
from pipeline.schema.snapshot import take
from tests.postgres.schema.conftest import connect
from tests.postgres.schema.mutations.mutation import ROLES
from tests.support import servers as support

AWAY = "alter subscription {0} disable; alter subscription {0} set (slot_name = none); drop subscription {0}"


@dataclass(frozen=True)
class State:
    """A schema as we see it, and as pg_dump does: its lines, in no order, so that columns have none either."""

    snapshot: Snapshot
    dump: tuple[str, ...]


@dataclass(frozen=True)
class Database:
    """A database whose changes are committed."""

    server: support.TestServer
    connection: Connection
    name: str

    def change(self, text: str) -> None:
        """Run SQL text, as one transaction."""
        with self.connection.transaction():
            self.connection.execute(text)  # pyright: ignore[reportArgumentType,reportCallIssue]

    def state(self) -> State:
        """What both see now."""
        return State(take(self.connection, ["public"]), tuple(sorted(self._dump())))

    def run(self, program: str, *options: str, content: bytes | None = None) -> bytes:
        """What one of the server's own programs says of this database; ``content`` is what it reads."""
        path = choose(self.server.major, os.environ).program(program)
        where = ["-h", self.server.where, "-U", self.server.superuser, "-d", self.name]
        return subprocess.run([path, *options, *where], check=True, capture_output=True, input=content).stdout

    def _dump(self) -> Generator[str]:
        said = self.run("pg_dump", "--schema-only", "--restrict-key=fixed")
        for line in said.decode().splitlines():
            yield line.rstrip(",")


@contextmanager
def scratch(server: support.TestServer) -> Generator[Database]:
    """A new database for the length of a block; it ends with its roles and subscriptions."""
    name = support.create_database(server)
    try:
        with connect(server.target(name)) as connection:
            database = Database(server, connection, name)
            yield database
            for (subscription,) in connection.execute("select subname from pg_subscription").fetchall():
                database.change(AWAY.format(subscription))
    finally:
        support.drop_database(server, name)
        with support.as_superuser(server) as superuser:
            for role in ROLES:
                superuser.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))


def restore(original: Database, copy: Database) -> None:
    """A copy from a dump."""
    copy.run("pg_restore", "--exit-on-error", content=original.run("pg_dump", "--format=custom"))


def digests(snapshot: Snapshot) -> tuple[str, str, str]:
    """All that two databases are compared by."""
    return fingerprint(snapshot), order_digest(snapshot), settings_digest(snapshot)


def overlooked(before: State, after: State) -> bool:
    """Whether pg_dump tells a difference that no digest does."""
    return before.dump != after.dump and digests(before.snapshot) == digests(after.snapshot)
