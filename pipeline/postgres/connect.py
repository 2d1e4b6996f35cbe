"""Open a connection that is ours: tagged, bounded, and really a server session.

Every wait has a deadline: connecting, the lock of a table that we only read, an answer that does not come
(``Line``), a silent network (keepalives), the statement of a client that died
(``client_connection_check_interval``). Behind a pooler, session locks and settings belong to nobody, so a
connection whose backend is not the process that libpq spoke to is refused before anything is written.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString
from urllib.parse import quote

import psycopg
from psycopg import errors, generators
from psycopg.abc import RV, PQGen
from psycopg.conninfo import make_conninfo
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import TupleRow

from pipeline.errors import Busy, Refused, Unavailable
from pipeline.postgres import others
from pipeline.postgres.target import Target
from pipeline.sql.command import Command

Connection = psycopg.Connection[TupleRow]

OLDEST_SERVER = 13
CONNECT_DEADLINE = timedelta(seconds=10)
PATIENCE = timedelta(minutes=15)
"""How long an answer may take unless somebody says otherwise; a statement's own limit is as long."""
GRACE = timedelta(seconds=3)
"""What a server is given beyond the limit that it keeps itself."""
CANCELLATIONS = 10
"""How often a server is told within that time to end a command."""

KEEPALIVES: Mapping[str, str] = {
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}

SETTINGS: Mapping[str, tuple[str, int]] = {
    "search_path": ("", 13),
    "statement_timeout": ("0", 13),
    "lock_timeout": ("10s", 13),
    "idle_in_transaction_session_timeout": ("0", 13),
    "synchronous_commit": ("on", 13),
    "default_transaction_isolation": ("read committed", 13),
    "client_min_messages": ("warning", 13),
    "idle_session_timeout": ("0", 14),
    "client_connection_check_interval": ("1s", 14),
    "transaction_timeout": ("0", 17),
}
"""What every session of ours sets for itself, and the server major that first knows the setting.

The lock_timeout is for what we read; a script is given its own.
"""

WHO: LiteralString = "select pg_catalog.pg_backend_pid(), pg_catalog.current_setting('search_path')"
SET_ALL: LiteralString = (
    "select name, pg_catalog.set_config(name, value, false)"
    " from rows from (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) as s(name, value)"
)
"""Sets them, and says what they are then."""
SET: LiteralString = "set {name} to %s"
"""Sets one: ten of these take a quarter of the time of that query, and they follow every script."""
SET_PATH: LiteralString = "select pg_catalog.set_config('search_path', %s, false)"
"""Sets the one of which SET would make a list, of one empty name."""
AFRESH: Sequence[LiteralString] = (
    "reset session authorization",
    "reset role",
    "reset all",
    "close all",
    "unlisten *",
)
"""What takes back what a script did to its session, in a transaction too; our settings come after it.

The role is reset by itself: minor releases before late 2024 leave it alone when the authorization is reset.
"""
SECRETS = ("password", "sslpassword")


def _nothing() -> None:
    """Do nothing."""


class Line(psycopg.Connection[TupleRow]):
    """A connection on which no answer is waited for longer than ``patience``.

    The server ends a statement that takes too long by itself. This is for the server, or the network, that says
    nothing any more: the connection is closed, and what it was doing is not known.
    """

    patience: timedelta = PATIENCE
    meanwhile: Callable[[], None] = staticmethod(_nothing)
    """What to do while the server is at work on a message."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for an answer. Raises OperationalError, on a closed connection, where none came."""
        limit = timeout or (self.patience + GRACE).total_seconds()
        try:
            return super().wait(gen, interval, limit)
        except errors._WaitTimeout:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # has no public name
            self.pgconn.finish()
            message = f"the server did not answer within {limit:g} s"
            raise psycopg.OperationalError(message) from None
        except BaseException:
            self._settle()
            raise

    def _settle(self) -> None:
        """End what was sent when something came in between: nobody waited for its answer yet.

        A server that has not begun with it overhears that it is to end it, and is told again.
        A COPY is ended by whoever feeds it.
        """
        for _ in range(CANCELLATIONS):
            if self.closed or self.info.transaction_status is not TransactionStatus.ACTIVE:
                return
            with suppress(psycopg.Error):
                self.cancel_safe(timeout=GRACE.total_seconds())
                patience = GRACE.total_seconds() / CANCELLATIONS
                results = super().wait(generators.fetch_many(self.pgconn), timeout=patience)
                if any(result.status == ExecStatus.COPY_IN for result in results):
                    return
        self.pgconn.finish()


@dataclass(frozen=True)
class Session:
    """An open connection of ours, and the search_path its role would have had without us.

    ``settings`` are ours, as the server says that they are in force.
    """

    connection: Line
    target: Target
    search_path: str
    settings: Mapping[str, str]

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.connection.info.server_version // 10000

    @property
    def afresh(self) -> tuple[Command, ...]:
        """What makes the session ours again, whatever a script did to its role, settings and cursors."""
        own = _own_settings(self.major)
        path = own.pop("search_path")
        return (
            *(Command(text) for text in AFRESH),
            Command(SET_PATH, values=(path,)),
            *(Command(SET, {"name": (name,)}, (value,)) for name, value in own.items()),
        )

    @contextmanager
    def patient(self, limit: timedelta) -> Generator[None]:
        """Wait for each answer as long as the server may take for it, for the length of a block."""
        before, self.connection.patience = self.connection.patience, limit
        try:
            yield
        finally:
            self.connection.patience = before

    @contextmanager
    def meanwhile(self, act: Callable[[], None]) -> Generator[None]:
        """Do something while the server is at work on a message, for the length of a block."""
        before, self.connection.meanwhile = self.connection.meanwhile, act
        try:
            yield
        finally:
            self.connection.meanwhile = before

    def path_for(self, schemas: Sequence[str]) -> str:
        """The search_path of a project's SQL: its schemas, then what the role would have had."""
        quoted = ['"' + schema.replace('"', '""') + '"' for schema in schemas]
        return ", ".join([*quoted, self.search_path] if self.search_path else quoted)


@contextmanager
def connected(
    target: Target,
    *,
    purpose: str = "pipeline",
    deadline: timedelta = CONNECT_DEADLINE,
    patience: timedelta = PATIENCE,
) -> Generator[Session]:
    """A session on ``target`` for the length of a block; ``purpose`` shows in ``application_name``.

    Raises Unavailable when no server answers within ``deadline`` or the connection is lost and nobody inside
    the block knew better, Busy when something that we only read stayed locked, Refused when a pooler stands in
    between or the server is older than we support. ``patience`` is how long any answer may take.
    """
    connection = _dial(target, purpose, deadline)
    connection.patience = patience
    try:
        yield _take_over(connection, target)
    except errors.LockNotAvailable as error:
        raise Busy(
            f"something that we only read in {target.label} stayed locked",
            where=target.shown,
            why="; ".join(_blockers(connection)) or str(error).strip(),
            todo="end the transactions named, or run again later",
        ) from error
    except psycopg.OperationalError as error:
        if not connection.closed:
            raise
        raise Unavailable(
            f"the connection to {target.label} was lost",
            where=target.shown,
            why=str(error).strip(),
            todo="run again: what was done is read from the database",
        ) from error
    finally:
        connection.close()


def _dial(target: Target, purpose: str, deadline: timedelta) -> Line:
    parameters = {
        **KEEPALIVES,
        **target.resolve(),
        "application_name": purpose,
        "client_encoding": "UTF8",
        "connect_timeout": str(max(2, round(deadline.total_seconds()))),
    }
    try:
        # No statement is prepared behind our back: a script may deallocate it, or change what it returns.
        return Line.connect(make_conninfo("", **parameters), autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        said = without_secrets(str(error), parameters)
    # Out here, so that the driver's words are no context of ours: they may hold the password.
    raise Unavailable(
        f"cannot connect to {target.label} ({target.shown})",
        why=said,
        todo="check that the server runs, and host, port, user and password of this environment",
    )


def _take_over(connection: Line, target: Target) -> Session:
    major = connection.info.server_version // 10000
    if major < OLDEST_SERVER:
        raise Refused(
            f"{target.label} runs PostgreSQL {major}", why=f"{OLDEST_SERVER} is the oldest version supported"
        )
    pid, search_path = next(iter(connection.execute(WHO)))
    if pid != connection.info.backend_pid:
        raise Refused(
            f"{target.label} ({target.shown}) is reached through a connection pooler",
            why="the server process that answers is not the one we connected to: locks and settings of a"
            " session would belong to somebody else",
            todo="give this environment the direct URL of the server, not the pooler's",
        )
    own = _own_settings(major)
    try:
        answer = connection.execute(SET_ALL, [list(own), list(own.values())])
        settings = {str(name): str(value) for name, value in answer}
    except psycopg.DatabaseError as error:
        raise Unavailable(f"cannot set up a session on {target.label}", why=str(error).strip()) from None
    for name, value in settings.items():
        must_be_in_force(target, name, SETTINGS[name][0], value)
    return Session(connection, target, str(search_path), settings)


def must_be_in_force(target: Target, name: str, asked: str, found: str | None) -> None:
    """Refuse a server, or something before it, that does not keep a setting as we made it."""
    if found != asked:
        raise Refused(
            f"{target.label} does not keep our {name}",
            where=target.shown,
            why=f"set to {asked!r}, and it is {found!r}: our limits would not hold",
            todo="reach the server directly; look for an extension or a proxy that changes settings",
        )


def _blockers(connection: Line) -> Sequence[str]:
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        connection.execute("rollback")
    return others.blockers(connection)


def _own_settings(major: int) -> dict[str, str]:
    return {name: value for name, (value, since) in SETTINGS.items() if major >= since}


def without_secrets(text: str, parameters: Mapping[str, str]) -> str:
    """``text`` with passwords masked, also as URLs and libpq's own strings spell them.

    libpq repeats what it was given when it cannot make sense of it.
    """
    for secret in filter(None, map(parameters.get, SECRETS)):
        escaped = secret.replace("\\", "\\\\").replace("'", "\\'")
        for form in sorted({secret, quote(secret, safe=""), quote(secret), escaped}, key=len, reverse=True):
            text = text.replace(form, "***")
    return text.strip()
