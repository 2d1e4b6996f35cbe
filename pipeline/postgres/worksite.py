"""What every script stands on: the session, the format's lock and ledger, our books, the limits."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from time import perf_counter
from typing import LiteralString

import psycopg
from psycopg import errors

from pipeline.errors import Failed, NeedsHuman, Refused
from pipeline.formats.interface import Format, Ledger
from pipeline.formats.model import History
from pipeline.postgres import locks, sending
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session
from pipeline.postgres.history import head, head_of, read_history
from pipeline.postgres.limits import Limits
from pipeline.postgres.message import Row
from pipeline.postgres.run import Bound, bound, together
from pipeline.postgres.script_errors import complaint
from pipeline.postgres.sending import Answer
from pipeline.postgres.work import Work
from pipeline.sql.command import Command
from pipeline.sql.statements import Statement

RETRYABLE = (errors.LockNotAvailable, errors.DeadlockDetected)
"""What says that others were in the way, and not that the script is wrong."""


@dataclass
class Worksite:
    """One session at work on one ledger; remembers the head of the ledger that it may build on."""

    session: Session
    format: Format
    ledger: Ledger
    books: Books
    schemas: Sequence[str]
    limits: Limits
    head: tuple[str | None, ...] = field(default=())
    _littered: bool = field(default=False, init=False)
    _ready: dict[tuple[object, ...], Bound] = field(default_factory=dict[tuple[object, ...], Bound], init=False)

    def __post_init__(self) -> None:
        self.look()

    @cached_property
    def key(self) -> int:
        """The key of the format's own lock in this database."""
        return self.ledger.lock_key(self.session.connection.info.dbname)

    @property
    def path(self) -> tuple[str, ...]:
        """The schemas in which a script's unqualified names are looked up."""
        return tuple(dict.fromkeys([*self.schemas, "public"]))

    @cached_property
    def path_setting(self) -> str:
        """The search_path of a script: the managed schemas, then what the role would have had."""
        return self.session.path_for(self.schemas)

    @cached_property
    def afresh(self) -> Bound:
        """What makes the session ours again, whatever a script did to its role, settings and cursors."""
        return bound(self.session.connection, *self.session.afresh)

    @cached_property
    def ask_head(self) -> Bound:
        """What asks for the ledger's head."""
        return bound(self.session.connection, self.ledger.head)

    @cached_property
    def _ask_mine(self) -> Bound:
        return bound(self.session.connection, locks.MINE)

    def ready(self, text: LiteralString, *values: object) -> Bound:
        """A command with its values in place; what is sent for every script is bound once."""
        key = (text, *values)
        if key not in self._ready:
            self._ready[key] = bound(self.session.connection, Command(text, values=values))
        return self._ready[key]

    def look(self) -> None:
        """Remember the ledger as it is now."""
        self.head = head(self.session, self.ledger)

    def must_not_have_moved(self) -> None:
        """Refuse to go on when somebody else wrote to the ledger since we looked."""
        self.must_be_at(head(self.session, self.ledger))

    def must_be_at(self, found: tuple[str | None, ...]) -> None:
        """Refuse a head of the ledger that is not the one we remember."""
        if found != self.head:
            raise self._moved()

    def must_read(self, known: History) -> None:
        """Refuse a ledger with other rows than those from which the work was planned."""
        if read_history(self.session, self.ledger).rows != known.rows:
            raise self._moved()

    def _moved(self) -> Refused:
        return Refused(
            "the ledger changed while we were at work",
            where=".".join(self.ledger.table),
            why="another tool or another run has applied something to this database",
            todo="run again: what is pending is worked out anew",
        )

    @contextmanager
    def unhurried(self) -> Generator[None]:
        """Work that makes nobody wait, for the length of a block."""
        before, self.limits = self.limits, self.limits.unhurried
        try:
            with self.session.patient(self.limits.statement):
                yield
        finally:
            self.limits = before

    def format_lock(self) -> AbstractContextManager[None]:
        """The lock by which the real tool and we exclude each other, for the length of a block."""
        return locks.held(self.session, self.key, deadline=self.limits.advisory_lock, what=self.lock_name)

    @property
    def lock_name(self) -> str:
        """How people call the format's lock."""
        return f"the {self.format.name} lock"

    def send(self, work: Work, statement: Statement) -> Answer:
        """Run one statement and return what the server answered.

        Raises Failed with the place in the file; errors that mean "try again" pass as they are.
        """
        answer = sending.send(self.session.connection, statement)
        if answer.error is None:
            return answer
        if isinstance(answer.error, RETRYABLE):
            raise answer.error
        said = complaint(answer.error, work.script, statement, done=answer.done)
        raise Failed(
            f"{work.migration.label} failed: {said.message}",
            where=said.where,
            why=said.why,
            todo=said.hint or "it was rolled back, nothing of it remains; mend the file and run again",
        ) from answer.error

    def record(self, work: Work, started: float) -> str:
        """Write the ledger row and our own record in the caller's transaction, on a session that is ours again.

        Returns the number of that transaction, by which its fate can be learned.

        Raises Failed when it cannot be written or the script released our lock, NeedsHuman when the script
        ended the transaction it ran in; errors that mean "try again" pass as they are.
        """
        milliseconds = round((perf_counter() - started) * 1000)
        applied = self.books.applied(
            work.migration.label,
            work.direction,
            script=work.script.file.path,
            sha256=sha256(work.script.file.content).hexdigest(),
        )
        rows = bound(self.session.connection, *work.after(milliseconds), applied)
        *_, told, found = self._write(work, self.afresh, rows, self._ask_mine, self.ask_head)
        mine = {int(key) for key in (told[0]["keys"] or "").split()}
        if self.key not in mine:
            raise self.ended_early(work)
        if locks.OURS not in mine:
            raise Failed(
                f"{work.migration.label} released our lock",
                where=work.script.file.shown,
                why="a script must not call pg_advisory_unlock_all or DISCARD ALL; it was rolled back",
            )
        self._littered = bool(mine - {self.key, locks.OURS}) or told[0]["pairs"] != "0"
        self.head = head_of(found)
        return told[0]["xact"] or ""

    def tidy(self) -> None:
        """Release the advisory locks that the last script took and kept, once what it did is committed."""
        if self._littered:
            locks.release_others(self.session, self.key, locks.OURS)
            self._littered = False

    def ended_early(self, work: Work, statement: Statement | None = None) -> NeedsHuman:
        """The error for a script that ended the transaction in which it ran."""
        line = f":{statement.line}" if statement else ""
        return NeedsHuman(
            f"{work.migration.label} ended the transaction it ran in",
            where=f"{work.script.file.shown}{line}",
            why="what ran before a COMMIT stays, what ran before a ROLLBACK is gone, and the ledger has no row",
            todo="take BEGIN, COMMIT and ROLLBACK out of the file, and undo by hand what it left behind",
        )

    def _write(self, work: Work, *commands: Bound) -> list[list[Row]]:
        try:
            return together(self.session.connection, *commands)
        except RETRYABLE:
            raise
        except psycopg.Error as error:
            raise Failed(
                f"{work.migration.label} ran, but its row in the ledger cannot be written",
                where=".".join(self.ledger.table),
                why=str(error).strip(),
                todo="it was rolled back; the role needs to write this table and the schema pipeline",
            ) from error
