"""What shape should a database have? What was last left or pinned there, or else what its history makes.

A shape that was kept counts only while the ledger is what it was then. What is kept is the whole shape: a rule
that hides a part of it today may have ended tomorrow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pipeline.formats.model import History
from pipeline.postgres import books
from pipeline.postgres.connect import Session
from pipeline.postgres.history import read_history
from pipeline.postgres.transaction import reading
from pipeline.schema.model import Snapshot
from pipeline.schema.record import from_bytes, to_bytes
from pipeline.steps import kept
from pipeline.steps.context import Context
from pipeline.steps.observe import Observed, masked_by, whole_shape
from pipeline.steps.replay import replay
from pipeline.throwaway.interface import Server


@dataclass(frozen=True)
class Expected:
    """The expected shape and where it comes from, in words; ``snapshot`` is None where nobody can say."""

    snapshot: Snapshot | None
    source: str


def expected_of(
    context: Context, session: Session, observed: Observed, server: Callable[[], Server]
) -> Expected:
    """What comparisons expect to see; ``server`` starts a throwaway where nothing was kept."""
    known = recall(context, session, observed)
    if known is not None:
        return known
    made = replay(context, server, observed)
    return Expected(masked_by(context, made.shape).snapshot if made.shape else None, made.words)


def remember(context: Context, session: Session) -> None:
    """Keep the shape of a database as we leave it."""
    head, shape = head_and_shape(context, session)
    context.books(session).remember(head, to_bytes(shape))


def recall(context: Context, session: Session, observed: Observed) -> Expected | None:
    """The shape that was kept, if nothing was recorded in the ledger since."""
    head = head_of(observed.history)
    found = _in_books(context, session, head) or _in_state(context, head)
    if found is None:
        return None
    shape, note = found
    source = f"pinned by {note.by} at {note.at}" if note.by else "the shape we last left here"
    return Expected(masked_by(context, shape).snapshot, source)


def pin_file(context: Context) -> Path:
    """Where the pin of an environment lies whose database has no place for it."""
    return context.project.state / "pins" / context.environment.name


def head_and_shape(context: Context, session: Session) -> tuple[str, Snapshot]:
    """The head of the ledger and the whole shape, in one view."""
    with reading(session):
        return head_of(read_history(session, context.ledger)), whole_shape(context, session)


def head_of(history: History) -> str:
    """A ledger's content as one digest."""
    rows = [(row.version, row.name, row.checksum, row.success) for row in history.rows]
    return sha256(repr(rows).encode()).hexdigest()


def _in_books(context: Context, session: Session, head: str) -> tuple[Snapshot, kept.Note] | None:
    found = books.remembered(session, context.ledger.table)
    if found is None or found[0] != head:
        return None
    pinned = kept.unpack(found[1])
    if pinned is not None:
        return pinned
    shape = from_bytes(found[1])
    return (shape, kept.Note(head)) if shape is not None else None


def _in_state(context: Context, head: str) -> tuple[Snapshot, kept.Note] | None:
    found = kept.read(pin_file(context))
    return found if found is not None and found[1].ledger == head else None
