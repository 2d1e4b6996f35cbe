"""Apply what is pending to an unprotected environment: no rehearsal, no backup, no proof."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.errors import Refused
from pipeline.findings import Finding
from pipeline.formats.interface import Migration
from pipeline.postgres import locks
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity
from pipeline.postgres.target import Target
from pipeline.promotion import gates
from pipeline.promotion.journal import Journal
from pipeline.promotion.request import Request
from pipeline.promotion.track import Track
from pipeline.steps.apply import apply
from pipeline.steps.context import Context
from pipeline.steps.observe import must_be_the_target, observe
from pipeline.steps.release import lint_migrations, must_be_readable, prepare, read_release
from pipeline.steps.targets import opened


@dataclass(frozen=True)
class Migrated:
    """What was applied, in order, to which target."""

    target: str
    applied: tuple[str, ...]
    version: str | None
    findings: tuple[Finding, ...]


def migrate(request: Request) -> Migrated:
    """Apply the pending migrations under our lock. Raises Refused for a protected environment."""
    context = request.context()
    if context.environment.protected:
        raise Refused(
            f"{request.environment} is protected: a migration must be rehearsed and proved first",
            where=str(request.project.file),
            todo=f"pipeline promote {request.environment}",
        )
    track = Track(Journal(request.journal), request.listener, context.deadline)
    with track.step("validate", "read the migrations") as note:
        reading = read_release(request.project)
        must_be_readable(reading.findings)
        note.summary = f"{len(reading.release.migrations)} migrations"
    with locked(context) as (target, session):
        identity = must_be_the_target(context, session)
        observed = observe(context, session, reading.release, to=request.to)
        must_be_readable(gates.history(observed.states, observed.cut_off))
        found = lint_migrations(reading.release, observed.to_apply)
        must_be_readable(found)
        if observed.to_apply:
            with track.step("apply", f"apply {len(observed.to_apply)} migrations") as note:
                _apply(context, session, identity, observed.to_apply)
                note.summary = f"{len(observed.to_apply)} applied"
    versions = [migration.version for migration in observed.to_apply if migration.version]
    return Migrated(
        target=target.shown,
        applied=tuple(migration.label for migration in observed.to_apply),
        version=versions[-1] if versions else observed.version,
        findings=(*reading.findings, *found),
    )


@contextmanager
def locked(context: Context) -> Generator[tuple[Target, Session]]:
    """The run's target and a session on it that holds our lock, for the length of a block."""
    with (
        opened(context) as target,
        context.session(target) as session,
        locks.held(session, locks.OURS, deadline=context.limits.advisory_lock, what="the promotion lock"),
    ):
        yield target, session


def _apply(context: Context, session: Session, identity: Identity, migrations: Sequence[Migration]) -> None:
    pending = [prepare(migration) for migration in migrations]
    books = Books(session, context.run_id)
    books.open()
    books.mark(identity, context.environment.name)
    apply(context, session, pending, hold_from={})
