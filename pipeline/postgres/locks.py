"""Advisory locks, polled and never waited for inside the server.

A session that waits inside ``pg_advisory_lock`` holds a snapshot, and an index build that waits for that
snapshot while it holds the lock is a deadlock; so everybody here asks, sleeps outside a transaction, and
asks again. Whoever holds a lock for too long is named.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import LiteralString

import psycopg

from pipeline.errors import Busy
from pipeline.postgres.connect import Session
from pipeline.postgres.others import holders
from pipeline.postgres.run import one
from pipeline.sql.command import Command

OURS = int.from_bytes(b"pipeline", "big")
"""The key of our own lock: one promotion at a time in one database."""

TRY: LiteralString = "select pg_catalog.pg_try_advisory_lock(%s)"
UNLOCK: LiteralString = "select pg_catalog.pg_advisory_unlock(%s)"
TAKE: LiteralString = """
pg_catalog.pg_try_advisory_xact_lock(%s)::text as locked,
pg_catalog.pg_try_advisory_xact_lock(%s)::text as ours,
pg_catalog.pg_current_xact_id()::text as number
"""
"""Has a transaction hold a format's lock and ours to its end, whatever a script does, and tells its number."""
SWEEP: LiteralString = "pg_catalog.pg_advisory_unlock_all(), pg_catalog.pg_try_advisory_lock(%s)"
"""Releases the advisory locks that a script has left to the session, all but ours.

For a transaction that holds ours too, so that nobody gets it in between.
"""
STILL_OURS = Command(
    """
select 1 / case when not pg_catalog.pg_advisory_unlock(%s) then 0
                when pg_catalog.pg_try_advisory_lock(%s) then 1 else 0 end
""",
    values=(OURS, OURS),
)
"""Fails where a script has released the session's own hold on our lock, in a transaction that holds it too.

To let go of it tells whether it was there, and costs next to nothing: ``pg_locks`` looks at every session's.
"""


def poll(attempt: Callable[[], bool], *, deadline: timedelta) -> bool:
    """Ask until the answer is yes or ``deadline`` has passed; pauses grow from 50 ms to 1 s, with jitter."""
    if attempt():  # as nearly always
        return True
    from tenacity import (  # noqa: PLC0415  # who need not wait must not pay for it
        RetryError,
        Retrying,
        retry_if_result,
        stop_after_delay,
        wait_random_exponential,
    )

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
        # A connection that is lost has released it; the work that it was held for is done or failed by now.
        if not session.connection.closed:
            with suppress(psycopg.OperationalError):
                one(session.connection, UNLOCK, [key])


def release_others(session: Session) -> None:
    """Release the advisory locks that scripts have left to the session, outside a transaction."""
    one(session.connection, "select pg_catalog.pg_try_advisory_xact_lock(%s), " + SWEEP, [OURS, OURS])


def busy(session: Session, key: int, *, deadline: timedelta, what: str) -> Busy:
    """The error that names who holds ``key``."""
    return Busy(
        f"{what} is held by somebody else",
        where=session.target.shown,
        why="; ".join(holders(session.connection, key))
        or f"it was released just after {deadline.total_seconds():g} s of asking",
        todo="wait for the other run to end, then run again: nothing was changed",
    )
