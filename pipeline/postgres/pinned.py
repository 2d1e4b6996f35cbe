"""Read a database so that the same value always gives the same text, whoever reads and from where.

What the server prints depends on the session: names on ``search_path``, timestamps on ``TimeZone`` and
``DateStyle``, floats, intervals and bytes on settings of their own. Everything that compares a database with
another, or with itself at another time, reads through here.
"""

from collections.abc import Generator
from contextlib import contextmanager

from psycopg import Cursor
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from pipeline.postgres.connect import Connection

_PINNED = (
    "set local search_path = ''; set local TimeZone = 'UTC'; set local DateStyle = 'ISO, YMD';"
    " set local IntervalStyle = 'postgres'; set local extra_float_digits = 1; set local bytea_output = 'hex';"
    " set local lc_monetary = 'C'; set local xmloption = 'content'; set local quote_all_identifiers = off;"
    " set local standard_conforming_strings = on; set local row_security = off;"
    # A plan is made once and kept: catalogs are read often and are small, and jit costs more than it saves.
    " set local plan_cache_mode = force_generic_plan; set local jit = off"
)


@contextmanager
def pinned(connection: Connection) -> Generator[Cursor[TupleRow]]:
    """A cursor in one consistent, read-only transaction under pinned settings, which end with the block.

    In a transaction that is already open, that transaction's own snapshot and isolation are used and its
    settings come back afterwards. ``row_security`` is off: a policy that would hide rows raises instead.
    """
    idle = connection.info.transaction_status is TransactionStatus.IDLE
    with connection.transaction(force_rollback=not idle), connection.cursor() as cursor:
        if idle:
            cursor.execute("set transaction isolation level repeatable read, read only; " + _PINNED)
        else:
            cursor.execute(_PINNED)
        yield cursor
