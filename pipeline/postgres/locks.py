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
MINE = Command("""
select coalesce(pg_catalog.string_agg(((classid::bigint << 32) | objid::bigint)::text, ' ')
                filter (where objsubid = 1), '') as keys,
       (pg_catalog.count(*) filter (where objsubid <> 1))::text as pairs,
       pg_catalog.pg_current_xact_id()::text as xact
  from pg_catalog.pg_locks
 where locktype = 'advisory' and pid = pg_catalog.pg_backend_pid() and granted
""")
"""Asks for the keys of the advisory locks that this very session holds, since a script may have released ours,
for the number of those with two keys, which are never ours, and for the number of the transaction, by which
its fate can be learned."""
RELEASE: LiteralString = """
select case when objsubid = 1 and mode = 'ShareLock' then pg_catalog.pg_advisory_unlock_shared(key)
            when objsubid = 1 then pg_catalog.pg_advisory_unlock(key)
            when mode = 'ShareLock' then pg_catalog.pg_advisory_unlock_shared(first, second)
            else pg_catalog.pg_advisory_unlock(first, second) end
  from (select objsubid, mode, (classid::bigint << 32) | objid::bigint as key,
               classid::bigint::bit(32)::integer as first, objid::bigint::bit(32)::integer as second
          from pg_catalog.pg_locks
         where locktype = 'advisory' and pid = pg_catalog.pg_backend_pid() and granted) as held
 where objsubid <> 1 or key <> all (%s::bigint[])
"""
"""Releases each advisory lock of this session once, but for those named; one may have been taken many times."""


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


def release_others(session: Session, *keep: int) -> None:
    """Release the session locks that a script left behind. To be called outside a transaction."""
    while any(released for (released,) in session.connection.execute(RELEASE, [list(keep)])):
        pass


def busy(session: Session, key: int, *, deadline: timedelta, what: str) -> Busy:
    """The error that names who holds ``key``."""
    return Busy(
        f"{what} is held by somebody else",
        where=session.target.shown,
        why="; ".join(holders(session.connection, key))
        or f"it was released just after {deadline.total_seconds():g} s of asking",
        todo="wait for the other run to end, then run again: nothing was changed",
    )
