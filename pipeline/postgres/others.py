"""Who else is at work in a database, in words: whoever waits can say for whom."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow

Connection = psycopg.Connection[TupleRow]

HOLDERS: LiteralString = """
select pid from pg_catalog.pg_locks
 where locktype = 'advisory' and granted and objsubid = 1
   and database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
   and classid = (%s::bigint >> 32)::bigint::oid and objid = (%s::bigint & 4294967295)::oid
"""
BLOCKERS: LiteralString = """
select distinct pid from pg_catalog.pg_locks
 where locktype = 'relation' and granted and relation >= 16384 and pid <> pg_catalog.pg_backend_pid()
   and database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
"""
"""Who holds locks on tables here; the catalogs (numbers below 16384) are in nobody's way."""
AUTOVACUUM: LiteralString = """
select coalesce(pg_catalog.bool_and(
         l.pid is not null and a.usesysid is null
         and coalesce(a.backend_type, 'autovacuum worker') = 'autovacuum worker'), false),
       coalesce(pg_catalog.bool_or(a.query like '%to prevent wraparound%'), false)
  from pg_catalog.pg_locks as l
  left join pg_catalog.pg_stat_activity as a on a.pid = l.pid
 where l.locktype = 'relation' and l.granted and l.relation >= 16384
   and l.pid is distinct from pg_catalog.pg_backend_pid()
   and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
"""
"""Whether autovacuum alone holds locks on tables here, and whether it may not be disturbed.

A role without pg_read_all_stats is not told which server process it is; no other kind holds table locks.
"""
PREPARED: LiteralString = """
select 'prepared transaction ' || pg_catalog.quote_literal(gid) || ' of ' || owner || ' since '
       || pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - prepared)::text
  from pg_catalog.pg_prepared_xacts
 where database = pg_catalog.current_database()
 order by prepared
 limit 3
"""
"""They have no session and no end of their own: somebody must COMMIT PREPARED or ROLLBACK PREPARED."""
WHO: LiteralString = """
select pid, coalesce(usename, backend_type, 'a server process'), application_name, state,
       pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - coalesce(xact_start, state_change,
                             backend_start))::text,
       pg_catalog.left(pg_catalog.regexp_replace(query, '\\s+', ' ', 'g'), 120)
  from pg_catalog.pg_stat_activity
 where pid = any (%s)
 order by xact_start nulls last, pid
 limit 3
"""
"""Of other roles' sessions, a role without pg_read_all_stats is told who, but not what or since when."""


def holders(connection: Connection, key: int) -> tuple[str, ...]:
    """Who holds ``key`` in this database, in words."""
    return _who(connection, HOLDERS, [key, key])


def blockers(connection: Connection) -> tuple[str, ...]:
    """The oldest transactions that hold locks on tables here: whom a waiting ALTER waits for."""
    prepared = tuple(str(words) for (words,) in connection.execute(PREPARED))
    return (*prepared, *_who(connection, BLOCKERS, []))


class Autovacuum(Enum):
    """What autovacuum has to do with a lock that we did not get."""

    NOT_ALONE = auto()
    YIELDS = auto()
    """It ends itself once somebody has waited for it as long as ``deadlock_timeout``."""
    MUST_NOT_YIELD = auto()
    """It prevents a wraparound of transaction numbers."""


def autovacuum(connection: Connection) -> Autovacuum:
    """Whether autovacuum is all that stands in the way of a table lock."""
    for alone, wraparound in connection.execute(AUTOVACUUM):
        if alone:
            return Autovacuum.MUST_NOT_YIELD if wraparound else Autovacuum.YIELDS
    return Autovacuum.NOT_ALONE


def _who(connection: Connection, query: LiteralString, values: Sequence[object]) -> tuple[str, ...]:
    pids = [pid for (pid,) in connection.execute(query, values)]
    return tuple(_named(*row) for row in connection.execute(WHO, [pids])) if pids else ()


def _named(*row: object) -> str:
    pid, user, application, state, age, query = row
    who = f"{user} ({application})" if application else user
    return f"pid {pid}, {who}, {state} for {age}: {query}" if state else f"pid {pid}, {who}"
