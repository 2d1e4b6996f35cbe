"""How long others must wait behind a migration: from its first strong lock to COMMIT, and no longer.

Where the rehearsal saw others wait, the server itself ends a statement that would hold them for too long.
"""

from dataclasses import dataclass
from time import perf_counter
from typing import LiteralString

from psycopg import Cursor, errors
from psycopg.rows import TupleRow

from pipeline.errors import Failed
from pipeline.postgres.run import one
from pipeline.postgres.work import Work
from pipeline.postgres.worksite import Worksite
from pipeline.sql.statements import Statement

LIMIT: LiteralString = "select pg_catalog.set_config('statement_timeout', %s, true)"


@dataclass
class Hold:
    """The time that one migration has held others up; it runs from ``begin`` on."""

    site: Worksite
    work: Work
    _since: float | None = None

    def begin(self) -> None:
        """The next statement takes the first lock that others wait behind."""
        self._since = perf_counter()

    def send(self, statement: Statement) -> Cursor[TupleRow]:
        """Run a statement in what is left of ``limits.hold``.

        Raises Failed when that was not enough, and whatever ``Worksite.send`` raises.
        """
        if self._since is None:
            return self.site.send(self.work, statement)
        left = min(self._left(), self.site.limits.statement.total_seconds())
        one(self.site.session.connection, LIMIT, [f"{max(1, round(left * 1000))}ms"])
        try:
            answer = self.site.send(self.work, statement)
        except Failed as error:
            if isinstance(error.__cause__, errors.QueryCanceled) and self._left() <= 0:
                raise self._over(statement) from error
            raise
        if self._left() < 0:
            raise self._over(statement)
        return answer

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
