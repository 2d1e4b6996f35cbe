"""What shape should a database have? What we last left there, or else what its recorded history makes.

The shape kept at our last visit counts only while the ledger is what it was then; otherwise exactly the
recorded migrations are applied to an empty throwaway, and that is what is expected.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pipeline.errors import Failed, NeedsHuman
from pipeline.formats.interface import Disposition, History, Migration, MigrationState
from pipeline.postgres import books, locks
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session
from pipeline.postgres.executor import Executor
from pipeline.postgres.history import read_history
from pipeline.postgres.transaction import reading
from pipeline.postgres.worksite import Worksite
from pipeline.schema.model import Snapshot
from pipeline.schema.record import from_bytes, to_bytes
from pipeline.steps.context import Context
from pipeline.steps.observe import Observed, masked_by, snapshot_of, whole_shape
from pipeline.steps.release import prepare
from pipeline.steps.restore import make_database, run_files
from pipeline.throwaway.interface import Server


@dataclass(frozen=True)
class Expected:
    """The expected shape and where it comes from, in words; ``snapshot`` is None where nobody can say."""

    snapshot: Snapshot | None
    source: str


def remember(context: Context, session: Session) -> None:
    """Keep the shape of a database as we leave it."""
    with reading(session):
        head = head_of(read_history(session, context.ledger))
        snapshot = whole_shape(context, session)
    Books(session, context.run_id).remember(head, to_bytes(snapshot))


def recall(context: Context, session: Session, observed: Observed) -> Expected | None:
    """The shape that we last left, if nothing was recorded in the ledger since."""
    kept = books.remembered(session)
    if kept is None or kept[0] != head_of(observed.history):
        return None
    snapshot = from_bytes(kept[1])
    if snapshot is None:
        return None
    return Expected(masked_by(context, snapshot).snapshot, "the shape we last left here")


def replay(context: Context, server: Server, observed: Observed) -> Expected:
    """The shape that the recorded history makes of an empty database."""
    migrations = _recorded(observed.states, observed.cut_off)
    if migrations is None:
        return Expected(None, "the ledger holds migrations whose files are not here as they were applied")
    copy = make_database(server, observed, "expected")
    run_files(context, copy, context.rehearse.prepare, what="prepare")
    with (
        context.session(copy.target) as session,
        locks.held(session, locks.OURS, deadline=context.limits.advisory_lock, what="the throwaway's lock"),
    ):
        keeper = Books(session, context.run_id)
        keeper.open()
        site = Worksite(
            session, context.format, context.ledger, keeper, schemas=context.schemas, limits=context.limits
        )
        try:
            for migration in migrations:
                Executor(site).up(migration, prepare(migration).up)
        except (Failed, NeedsHuman) as error:
            return Expected(None, f"the recorded history does not apply to an empty database: {error.what}")
        return Expected(snapshot_of(context, session), f"{len(migrations)} recorded migrations, applied anew")


def head_of(history: History) -> str:
    """A ledger's content as one digest."""
    rows = [(row.version, row.name, row.checksum, row.success) for row in history.rows]
    return sha256(repr(rows).encode()).hexdigest()


def _recorded(states: Sequence[MigrationState], cut_off: Collection[str]) -> tuple[Migration, ...] | None:
    """The applied migrations in the ledger's order; None where a row has no file that made it."""
    latest: dict[str, Migration] = {}
    for state in states:
        if state.row is None or (state.migration is not None and state.migration.label in cut_off):
            continue
        if state.disposition is not Disposition.APPLIED or state.migration is None:
            return None
        latest.pop(state.migration.label, None)
        latest[state.migration.label] = state.migration
    return tuple(latest.values())
