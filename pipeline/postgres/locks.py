"""Advisory locks, polled and never waited for inside the server.

A session that waits inside ``pg_advisory_lock`` holds a snapshot, and an index build that waits for that
snapshot while it holds the lock is a deadlock; so everybody here asks, sleeps outside a transaction, and
asks again. Whoever holds a lock for too long is named.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import LiteralString

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_random_exponential

from pipeline.errors import Busy
from pipeline.postgres.connect import Session
from pipeline.postgres.run import one
from pipeline.sql.command import Command

OURS = int.from_bytes(b"pipeline", "big")
"""The key of our own lock: one promotion at a time in one database."""

TRY: LiteralString = "select pg_catalog.pg_try_advisory_lock(%s)"
UNLOCK: LiteralString = "select pg_catalog.pg_advisory_unlock(%s)"
MINE: LiteralString = """
select (exists (select from pg_catalog.pg_locks
                where locktype = 'advisory' and pid = pg_catalog.pg_backend_pid() and granted
                  and classid = (%s::bigint >> 32)::bigint::oid and objid = (%s::bigint & 4294967295)::oid
                  and objsubid = 1))::text as still_ours
"""
HOLDER: LiteralString = """
select a.pid, a.usename, a.application_name, a.state,
       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.state_change,
                             a.backend_start))::text,
       pg_catalog.left(pg_catalog.regexp_replace(a.query, '\\s+', ' ', 'g'), 120)
  from pg_catalog.pg_locks as l
  join pg_catalog.pg_stat_activity as a on a.pid = l.pid
 where l.locktype = 'advisory' and l.granted and l.objsubid = 1
   and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
   and l.classid = (%s::bigint >> 32)::bigint::oid and l.objid = (%s::bigint & 4294967295)::oid
"""
OLDEST: LiteralString = """
select distinct a.pid, a.usename, a.application_name, a.state,
       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.xact_start)::text,
       pg_catalog.left(pg_catalog.regexp_replace(a.query, '\\s+', ' ', 'g'), 120), a.xact_start
  from pg_catalog.pg_stat_activity as a
  join pg_catalog.pg_locks as l on l.pid = a.pid and l.locktype = 'relation' and l.granted
 where a.datname = pg_catalog.current_database() and a.pid <> pg_catalog.pg_backend_pid()
   and a.xact_start is not null
 order by a.xact_start
 limit 3
"""


def poll(attempt: Callable[[], bool], *, deadline: timedelta) -> bool:
    """Ask until the answer is yes or ``deadline`` has passed; pauses grow from 50 ms to 1 s, with jitter."""
    retrying = Retrying(
        retry=retry_if_result(lambda got: not got),
        wait=wait_random_exponential(multiplier=0.05, max=1),
        stop=stop_after_delay(deadline.total_seconds()),
    )
    try:
        return retrying(attempt)
    except RetryError:
        return False


@contextmanager
def held(session: Session, key: int, *, deadline: timedelta, what: str) -> Generator[None]:
    """Hold the session lock ``key`` for the length of a block. Raises Busy, naming the holder."""
    if not poll(lambda: bool(one(session.connection, TRY, [key])[0]), deadline=deadline):
        raise busy(session, key, deadline=deadline, what=what)
    try:
        yield
    finally:
        if not session.connection.closed:
            one(session.connection, UNLOCK, [key])


def busy(session: Session, key: int, *, deadline: timedelta, what: str) -> Busy:
    """The error that names who holds ``key``."""
    return Busy(
        f"{what} is held by somebody else",
        where=session.target.shown,
        why="; ".join(holders(session, key))
        or f"it was released just after {deadline.total_seconds():g} s of asking",
        todo="wait for the other run to end, then run again: nothing was changed",
    )


def holders(session: Session, key: int) -> tuple[str, ...]:
    """Who holds ``key`` in this database, in words."""
    return tuple(_named(*row) for row in session.connection.execute(HOLDER, [key, key]))


STILL_OURS = Command(MINE, values=(OURS, OURS))
"""Asks whether this very session still holds our lock (text ``t``): a careless script may have released it."""


def blockers(session: Session) -> tuple[str, ...]:
    """The oldest transactions that hold locks on tables here: whom a waiting ALTER waits for."""
    return tuple(_named(*row[:6]) for row in session.connection.execute(OLDEST))


def _named(*row: object) -> str:
    pid, user, application, state, age, query = row
    who = f"{user} ({application})" if application else user
    return f"pid {pid}, {who}, {state} for {age}: {query}"
