"""An environment that nobody has to protect: files read, our lock taken, the database looked at."""

from collections.abc import Generator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import NamedTuple

from pipeline.errors import Refused
from pipeline.formats.model import Reading
from pipeline.postgres import locks, transaction
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity
from pipeline.postgres.marker import open_marked
from pipeline.promotion import gates
from pipeline.promotion.journal import Journal
from pipeline.promotion.request import Request
from pipeline.promotion.track import Track
from pipeline.steps.context import Context
from pipeline.steps.identify import must_be_the_target
from pipeline.steps.release import must_be_readable, read_release
from pipeline.steps.standing import Standing, standing
from pipeline.steps.targets import opened, surroundings
from pipeline.steps.witness import take_note


class Unprotected(NamedTuple):
    """A locked database, what is in it and what is in the files; ``shown`` is where it is, for people."""

    context: Context
    track: Track
    reading: Reading
    shown: str
    session: Session
    identity: Identity
    stands: Standing

    def open_books(self) -> None:
        """Make our records ready for what will be done, and mark the database as this environment's."""
        books = self.context.books(self.session)
        open_marked(books, self.identity, self.context.environment.name)
        take_note(self.context, self.session, self.stands)


@contextmanager
def unprotected(
    request: Request, *, why: str, todo: str, confirmed: bool = False, at_odds: bool = False
) -> Generator[Unprotected]:
    """The requested environment for the length of a block.

    Raises Refused where it is protected, with ``why`` and ``todo``, unless that was ``confirmed``; and where
    files and ledger disagree, unless they may be ``at_odds``.
    """
    context = request.context()
    if context.environment.protected and not confirmed:
        raise Refused(f"{request.environment} is protected: {why}", where=str(request.project.file), todo=todo)
    with closing(Track(Journal(request.journal), request.listener, context.deadline)) as track:
        with track.step("validate", "read the migrations") as note:
            reading = read_release(request.project, surroundings(context))
            must_be_readable(reading.findings)
            note.summary = f"{len(reading.release.migrations)} migrations"
        with (
            opened(context) as target,
            context.session(target) as session,
            locks.held(session, locks.OURS, deadline=context.limits.advisory_lock, what="the promotion lock"),
        ):
            identity = must_be_the_target(context, session)
            with _tools_lock(context, session), transaction.reading(session):
                stands = standing(context, session, reading.release, to=request.to)
            if not at_odds:
                must_be_readable(gates.history(stands.states, stands.cut_off))
            yield Unprotected(context, track, reading, target.shown, session, identity, stands)


def _tools_lock(context: Context, session: Session) -> AbstractContextManager[None]:
    """Nobody is half-way through a migration while we look: the real tool's row would look like a failure."""
    key = context.ledger.lock_key(session.connection.info.dbname)
    what = f"the {context.format.name} lock"
    return locks.held(session, key, deadline=context.limits.advisory_lock, what=what)
