"""BEGIN … COMMIT where a connection lost *at* COMMIT is told apart from one lost before it.

Lost at COMMIT, the transaction may have been committed or not. The server knows: it is asked on a new
connection, by the record that was to be committed.
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
from pipeline.postgres.run import Bound, Refusal, answers
from pipeline.sql.command import Command

COMMIT = Bound("commit")
ENDINGS = (b"COMMIT", b"ROLLBACK", b"PREPARE TRANSACTION")
"""What the server calls a command that ended a transaction."""
STILL_INSIDE: LiteralString = """
select 1 operator(pg_catalog./) (pg_catalog.pg_current_xact_id()::pg_catalog.text operator(pg_catalog.=)
  coalesce(%s, pg_catalog.current_setting('pipeline.transaction', true), ''))::integer
"""
"""Fails in another transaction. Asked on the search_path of a script, whose operators are not to be trusted."""
REMEMBERED: LiteralString = """
pg_catalog.set_config('pipeline.transaction', pg_catalog.pg_current_xact_id()::pg_catalog.text, true)
"""
"""Has the server remember the number of a transaction to its end, for who is not told of it before."""


@dataclass
class Transaction:
    """A block that rolls back unless it committed; ``what`` and ``where`` name the script for people.

    ``record`` asks for what nothing but this transaction writes; ``number`` is the number it has at the server,
    once we are told. ``refusal`` is about the command before the COMMIT that failed; ``ended`` says that one
    before that ended the transaction.

    Raises Failed when the server refuses the COMMIT, the connection is lost before it, or it is lost at COMMIT
    and the server says that the transaction was rolled back; Unavailable when it was lost but had been
    committed; OutcomeUnknown when nobody can say.
    """

    session: Session
    what: str
    where: str
    record: Command | None
    number: str | None = None
    refusal: Refusal | None = None
    ended: bool = False
    _process: int = 0
    _committing: bool = False
    _committed: bool = False

    def __enter__(self) -> Self:
        self._process = self.session.connection.info.backend_pid
        return self

    @property
    def still_inside(self) -> Command:
        """What fails where a script has ended the transaction and begun another."""
        return Command(STILL_INSIDE, values=(self.number,))

    def commit(self, *last: Bound) -> Sequence[PGresult]:
        """Send ``last`` and COMMIT as one message; the results of ``last``.

        Raises the error of whichever of them there is a ``refusal`` of; a deferred constraint may still say no
        at COMMIT.
        """
        self._committing = True
        results, refusal = answers(self.session.connection, *last, COMMIT)
        if refusal is None:
            self._committed = True
            return results[:-1]
        error = refusal.error
        if self._lost:
            raise error
        self._committing = False
        self.ended = any(result.command_status in ENDINGS for result in results)
        if self.ended or refusal.bound is not COMMIT:
            self.refusal = refusal
            raise error
        raise Failed(
            f"{self.what} failed at COMMIT: {error.diag.message_primary} (SQLSTATE {error.sqlstate})",
            where=self.where,
            why=error.diag.message_detail,
            todo="it was rolled back, nothing of it remains; mend the cause and run again",
        ) from error

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
            fate = fate_of(self.session, self._process, self.record) if self.record else Fate.UNKNOWN
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
