"""Open a throwaway to programs that know no sockets: on the loopback only, with a password nobody knows.

The port is one that was free a moment ago; where somebody else was quicker, another one is tried.
"""

import socket
import time
from collections.abc import Callable
from datetime import timedelta
from secrets import token_urlsafe
from typing import LiteralString

from psycopg import sql

from pipeline.errors import Unavailable
from pipeline.postgres.connect import Session, connected
from pipeline.throwaway.cluster import LOOPBACK, SCRAM, SUPERUSER, Cluster, Door

TRIES = 3
DEADLINE = timedelta(seconds=10)
PAUSE = 0.02
RULES = ("local all all trust", f"host all all {LOOPBACK}/32 {SCRAM}")
RULES_FILE: LiteralString = "select pg_catalog.current_setting('hba_file')"
RELOAD: LiteralString = "select pg_catalog.pg_reload_conf()"


def opened(start: Callable[[Door], Cluster]) -> Cluster:
    """A server that ``start`` makes listen at a door, opened. Raises Unavailable where none comes up."""
    for left in reversed(range(TRIES)):
        door = Door(_free_port(), token_urlsafe(24))
        try:
            server = start(door)
        except Unavailable:
            if left:
                continue
            raise
        try:
            _open(server, door)
        except BaseException:
            server.close()
            raise
        return server
    raise AssertionError  # the last try returns or raises


def _free_port() -> str:
    with socket.socket() as listening:
        listening.bind((LOOPBACK, 0))
        return str(listening.getsockname()[1])


def _open(server: Cluster, door: Door) -> None:
    """Write who may come in, and wait until that is in force."""
    with connected(server.target(SUPERUSER)) as session:
        name, password = sql.Identifier(SUPERUSER), sql.Literal(door.password)
        session.connection.execute(sql.SQL("alter role {} password {}").format(name, password))
        _write_rules(session)
        session.connection.execute(RELOAD)
    deadline = time.monotonic() + DEADLINE.total_seconds()
    while True:
        try:
            with connected(server.target(SUPERUSER, SUPERUSER)):
                return
        except Unavailable:
            if time.monotonic() > deadline:
                raise
        time.sleep(PAUSE)


def _write_rules(session: Session) -> None:
    [[path]] = session.connection.execute(RULES_FILE).fetchall()
    rows = sql.SQL(", ").join(sql.SQL("({})").format(sql.Literal(rule)) for rule in RULES)
    session.connection.execute(sql.SQL("copy (values {}) to {}").format(rows, sql.Literal(str(path))))
