"""What every script stands on: the session, the format's lock and ledger, our books, the limits."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from time import perf_counter
from typing import LiteralString

from psycopg import errors

from pipeline.errors import Failed, Refused
from pipeline.formats.interface import Format, Ledger
from pipeline.formats.model import History
from pipeline.postgres import locks, sending
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session
from pipeline.postgres.history import head, read_history
from pipeline.postgres.limits import Limits
from pipeline.postgres.prepared_statements import PreparedStatements
from pipeline.postgres.run import Bound, bound
from pipeline.postgres.script_errors import Complaint, complaint
from pipeline.postgres.sending import Answer
from pipeline.postgres.work import Work
from pipeline.sql.command import Command, Milliseconds
from pipeline.sql.statements import Statement

RETRYABLE = (errors.LockNotAvailable, errors.DeadlockDetected)
"""What says that others were in the way, and not that the script is wrong."""
CLEARED = Bound("discard temp; deallocate all", commands=2)


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
    kept: Mapping[str, str] = field(default_factory=dict[str, str], init=False)
    """The limits that the server was seen to keep while a script ran."""
    _bound: dict[tuple[object, ...], Bound] = field(default_factory=dict[tuple[object, ...], Bound], init=False)

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

    def cleared(self) -> Bound:
        """What takes back what earlier scripts left for later ones to find, and what we had prepared."""
        self.prepared.forget()
        return CLEARED

    @cached_property
    def prepared(self) -> PreparedStatements:
        """What the server keeps ready for scripts that cannot be in its way."""
        return PreparedStatements(self.session.connection)

    @cached_property
    def ask_head(self) -> Bound:
        """What asks for the ledger's head."""
        return bound(self.session.connection, self.ledger.head)

    def bound(self, text: LiteralString, *values: object) -> Bound:
        """A command with its values in place; what is sent for every script is bound once."""
        key = (text, *values)
        if key not in self._bound:
            self._bound[key] = bound(self.session.connection, Command(text, values=values))
        return self._bound[key]

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
        raise failed(work, complaint(answer.error, work.script, statement, done=answer.done)) from answer.error

    def record(self, work: Work, took: Milliseconds) -> tuple[Command, ...]:
        """The ledger row and our own record."""
        applied = self.books.applied(
            work.migration.label,
            work.direction,
            script=work.script.file.path,
            sha256=sha256(work.script.file.content).hexdigest(),
        )
        return (*work.after(took), applied)


def since(started: float) -> int:
    """Whole milliseconds since a reading of ``perf_counter``."""
    return round((perf_counter() - started) * 1000)


def failed(work: Work, said: Complaint) -> Failed:
    """The error for a script with which the server has found fault."""
    return Failed(
        f"{work.migration.label} failed: {said.message}",
        where=said.where,
        why=said.why,
        todo=said.hint or "it was rolled back, nothing of it remains; mend the file and run again",
    )
