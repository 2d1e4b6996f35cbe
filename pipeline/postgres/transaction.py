"""BEGIN … COMMIT where a connection lost *at* COMMIT is told apart from one lost before it.

Lost at COMMIT, the transaction may have been committed or not. The server knows: it is asked on a new
connection, by the transaction's number.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString, Self

from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult

from pipeline.errors import Failed, OutcomeUnknown, PipelineError, Unavailable
from pipeline.postgres.connect import Session
from pipeline.postgres.fate import Fate, fate_of
from pipeline.postgres.run import Bound, answers, bound
from pipeline.sql.command import Command

COMMIT = Bound("commit")
STILL_INSIDE: LiteralString = """
select 1 / (pg_catalog.pg_current_xact_id()::text operator(pg_catalog.=) %s)::integer
"""
"""Fails in another transaction."""


@dataclass
class Transaction:
    """A block that rolls back unless it committed; ``what`` and ``where`` name the script for people.

    ``number`` is the server's number for the transaction, once it has one; ``refused`` is the command before
    the COMMIT that failed. Raises Failed when the server refuses the COMMIT, the connection is lost before it,
    or it is lost at COMMIT and the server says that the transaction was rolled back; Unavailable when it was
    lost but had been committed; OutcomeUnknown when nobody can say.
    """

    session: Session
    what: str
    where: str
    number: str = ""
    refused: Bound | None = None
    _committing: bool = False
    _committed: bool = False

    def __enter__(self) -> Self:
        return self

    @property
    def still_inside(self) -> Bound:
        """What fails where a script has ended the transaction and begun another."""
        return bound(self.session.connection, Command(STILL_INSIDE, values=(self.number,)))

    def commit(self, *last: Bound) -> Sequence[PGresult]:
        """Send ``last`` and COMMIT as one message; the results of ``last``.

        Raises the error of whichever of them is ``refused``; a deferred constraint may still say no at COMMIT.
        """
        self._committing = True
        said = answers(self.session.connection, *last, COMMIT)
        if said.error is None:
            self._committed = True
            return said.results[:-1]
        if self._lost:
            raise said.error
        self._committing = False
        if said.failed is not COMMIT:
            self.refused = said.failed
            raise said.error
        raise Failed(
            f"{self.what} failed at COMMIT: {said.error.diag.message_primary} (SQLSTATE {said.error.sqlstate})",
            where=self.where,
            why=said.error.diag.message_detail,
            todo="it was rolled back, nothing of it remains; mend the cause and run again",
        ) from said.error

    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        connection = self.session.connection
        if self._committed:
            return
        if self._lost:
            self._say_what_is_known(error)
        elif connection.info.transaction_status is not TransactionStatus.IDLE:
            connection.execute("rollback")

    @property
    def _lost(self) -> bool:
        connection = self.session.connection
        return connection.closed or connection.info.transaction_status is TransactionStatus.UNKNOWN

    def _say_what_is_known(self, error: BaseException | None) -> None:
        if self._committing:
            fate = fate_of(self.session, self.number) if self.number else Fate.UNKNOWN
            raise self._lost_at_commit(fate, str(error).strip()) from error
        if not isinstance(error, PipelineError):
            raise Failed(
                f"the connection was lost before COMMIT of {self.what}",
                where=self.session.target.shown,
                why=str(error).strip(),
                todo="the server rolls it back; run again",
            ) from error

    def _lost_at_commit(self, fate: Fate, why: str) -> PipelineError:
        lost, where = f"the connection was lost at COMMIT of {self.what}", self.session.target.shown
        match fate:
            case Fate.COMMITTED:
                return Unavailable(
                    f"{lost}, which is applied: the server says that it was committed",
                    where=where,
                    why=why,
                    todo="run again: it goes on with the next one",
                )
            case Fate.ROLLED_BACK:
                return Failed(
                    f"{lost}, which is not applied: the server says that it was rolled back",
                    where=where,
                    why=why,
                    todo="nothing of it remains; run again",
                )
            case Fate.UNKNOWN:
                return OutcomeUnknown(
                    f"{lost}: it is applied as a whole, or not at all",
                    where=where,
                    why=why,
                    todo="run again: what is pending is read from the ledger, under the lock",
                )


@contextmanager
def reading(session: Session) -> Generator[None]:
    """One unchanging view of the database for the length of a block; nothing can be written in it."""
    session.connection.execute("begin isolation level repeatable read read only")
    try:
        yield
    finally:
        if not session.connection.closed:
            session.connection.execute("rollback")
