"""How long others must wait behind a migration: while it queues for a lock, and from its first one to COMMIT.

Where the rehearsal saw others wait, the server itself ends a statement that would hold them for too long. The
time in the queue is counted over the whole transaction: who waits behind the first lock waits for all.
"""

from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import LiteralString

from psycopg import errors, sql

from pipeline.errors import Failed
from pipeline.postgres.limits import MILLISECOND, spelt
from pipeline.postgres.run import one
from pipeline.postgres.sending import Answer
from pipeline.postgres.work import Work
from pipeline.postgres.worksite import Worksite
from pipeline.sql.statements import Statement

LIMIT: LiteralString = "select pg_catalog.set_config('statement_timeout', %s, true)"
PATIENCE: LiteralString = "select pg_catalog.set_config('lock_timeout', %s, true)"
TABLES: LiteralString = """
select n.nspname, c.relname
  from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname::text operator(pg_catalog.||) '.'::text operator(pg_catalog.||) c.relname::text
       operator(pg_catalog.=) %s::text
   and c.relkind in ('r', 'p') and pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
"""
"""The table, where we may lock it by name: a statement may need less than LOCK TABLE does.

Asked on the search_path of a script, whose operators are not to be trusted.
"""
MODES = {
    "ShareLock": sql.SQL("share"),
    "ShareRowExclusiveLock": sql.SQL("share row exclusive"),
    "ExclusiveLock": sql.SQL("exclusive"),
    "AccessExclusiveLock": sql.SQL("access exclusive"),
}


@dataclass
class Hold:
    """The time that one migration has held others up, and what is left of ``wait``, its time in queues."""

    site: Worksite
    work: Work
    wait: timedelta
    _since: float | None = None

    def lock(self, index: int) -> None:
        """Before the statement of that index: take its locks one by one, in what is left of the wait.

        A migration that takes one lock in all takes it by its statement. Raises LockNotAvailable.
        """
        locks = self.work.strong.get(index, ())
        if not locks:
            return
        if self._since is None:
            self._since = perf_counter()
        if sum(map(len, self.work.strong.values())) > 1:
            for relation, mode in locks:
                self._take(relation, mode)

    def _take(self, relation: str, mode: str) -> None:
        connection = self.site.session.connection
        for table in connection.execute(TABLES, [relation]).fetchall():
            text = sql.SQL("lock table only {} in {} mode").format(sql.Identifier(*table), MODES[mode])
            started = perf_counter()
            connection.execute(text)
            self.wait = max(self.wait - timedelta(seconds=perf_counter() - started), MILLISECOND)
            one(connection, PATIENCE, [spelt(self.wait)])

    def send(self, statement: Statement) -> Answer:
        """Run a statement in what is left of ``limits.hold``.

        Raises Failed when that was not enough, and whatever ``Worksite.send`` raises.
        """
        if self._since is None:
            return self.site.send(self.work, statement)
        left = min(self._left(), self.site.limits.statement.total_seconds())
        one(self.site.session.connection, LIMIT, [spelt(timedelta(seconds=left))])
        try:
            answer = self.site.send(self.work, statement)
        except Failed as error:
            if isinstance(error.__cause__, errors.QueryCanceled) and self._left() <= 0:
                raise self._over(statement) from error
            raise
        if self._left() < 0:
            raise self._over(statement)
        return answer

    @property
    def lasted(self) -> timedelta:
        """How long others have been held up until now, behind our wait for a lock or behind the lock."""
        return timedelta() if self._since is None else timedelta(seconds=perf_counter() - self._since)

    def _left(self) -> float:
        since = perf_counter() if self._since is None else self._since
        return self.site.limits.hold.total_seconds() - (perf_counter() - since)

    def _over(self, statement: Statement) -> Failed:
        return Failed(
            f"{self.work.migration.label} held a strong lock longer than"
            f" {self.site.limits.hold.total_seconds():g} s",
            where=f"{self.work.script.file.shown}:{statement.line}",
            why="limits.hold: others were waiting behind it; it was rolled back",
            todo="split the migration, or raise limits.hold",
        )
