"""Take applied migrations back with their down scripts, the newest first, each with its ledger row."""

from collections.abc import Sequence
from time import perf_counter

from pipeline.errors import ConfigurationError, Refused
from pipeline.formats.model import Disposition, History, Migration, MigrationState
from pipeline.postgres.connect import Session
from pipeline.steps.apply import at_work
from pipeline.steps.context import Context
from pipeline.steps.prepare import Prepared

BASE = "base"
"""What people call the state before the first migration."""


def above(states: Sequence[MigrationState], version: str) -> tuple[Migration, ...]:
    """The versioned migrations that were applied after ``version``, oldest first; ``base`` means all of them.

    A history can also go back to the version at which it began. Raises ConfigurationError where that version
    is not applied.
    """
    versions = [(_version(state), state.migration) for state in states if _is_applied(state)]
    labels = [applied for applied, _ in versions]
    if version == BASE:
        return tuple(migration for _, migration in versions if migration is not None)
    if version not in labels:
        raise ConfigurationError(
            f"{version} is not applied here",
            why=f"applied: {', '.join(labels) or 'nothing'}",
            todo=f"name the version to go back to, or {BASE} for the time before the first one",
        )
    later = versions[labels.index(version) + 1 :]
    return tuple(migration for _, migration in later if migration is not None)


def _is_applied(state: MigrationState) -> bool:
    return state.disposition is Disposition.APPLIED and bool(_version(state))


def _version(state: MigrationState) -> str:
    """Its version; a baseline's row has one without a file, a repeatable none."""
    about = state.migration or state.row
    return (about.version if about else None) or ""


def must_have_a_way_back(migrations: Sequence[Migration]) -> None:
    """Refuse, before anything is touched, where one of them cannot be taken back."""
    for migration in reversed(migrations):
        if migration.irreversible is not None or migration.down is None:
            raise Refused(
                f"{migration.title} has no way back",
                where=migration.up.file.shown,
                why=migration.irreversible or "there is no script that takes it back",
                todo="stop above it, or restore a backup beside this database",
            )


def undo(
    context: Context,
    session: Session,
    kept: Migration | None,
    undone: Sequence[Prepared],
    *,
    known: History | None = None,
) -> None:
    """Take ``undone`` (oldest first) back on a session that holds our lock; ``kept`` is the newest to stay.

    ``known`` is the ledger on which that was planned: Refused is raised where it is another one by now.
    """
    executor = at_work(context, session, known=known)
    below = [kept, *(prepared.migration for prepared in undone)]
    for left in range(len(undone), 0, -1):
        context.deadline.must_not_have_passed()
        prepared = undone[left - 1]
        started = perf_counter()
        executor.down(prepared.migration, prepared.down, previous=below[left - 1])
        took = (perf_counter() - started) * 1000
        context.listener.murmured("undo", f"{left} left  {prepared.migration.title}  {took:.0f} ms")
