"""Apply what is pending to an unprotected environment: no rehearsal, no backup, no proof."""

from dataclasses import dataclass

from pipeline.errors import Refused
from pipeline.findings import Finding
from pipeline.postgres import locks
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session
from pipeline.promotion import gates
from pipeline.promotion.request import Request
from pipeline.promotion.state import Run
from pipeline.steps.apply import apply
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
    run = Run.of(request, request.environment)
    if run.context.environment.protected:
        raise Refused(
            f"{request.environment} is protected: a migration must be rehearsed and proved first",
            where=str(request.project.file),
            todo=f"pipeline promote {request.environment}",
        )
    with run.track.step("validate", "read the migrations") as note:
        reading = read_release(run.context.project)
        must_be_readable(reading.findings)
        run.findings += reading.findings
        run.release = reading.release
        note.summary = f"{len(reading.release.migrations)} migrations"
    with (
        opened(run.context) as target,
        run.context.session(target) as session,
        locks.held(session, locks.OURS, deadline=run.context.limits.advisory_lock, what="the promotion lock"),
    ):
        run.shown = target.shown
        return _apply(run, session)


def _apply(run: Run, session: Session) -> Migrated:
    assert run.release is not None  # noqa: S101  # validated before
    identity = must_be_the_target(run.context, session)
    observed = observe(run.context, session, run.release, to=run.request.to)
    must_be_readable(gates.history(observed.states, observed.cut_off))
    if not observed.to_apply:
        return Migrated(run.shown, (), observed.version, tuple(run.findings))
    found = lint_migrations(run.release, observed.to_apply)
    must_be_readable(found)
    pending = [prepare(migration) for migration in observed.to_apply]
    books = Books(session, run.context.run_id)
    with run.track.step("apply", f"apply {len(pending)} migrations") as note:
        books.open()
        books.mark(identity, run.context.environment.name)
        apply(run.context, session, pending, hold_from={})
        note.summary = f"{len(pending)} applied"
    versions = [one.migration.version for one in pending if one.migration.version]
    return Migrated(
        target=run.shown,
        applied=tuple(one.migration.label for one in pending),
        version=versions[-1] if versions else observed.version,
        findings=(*run.findings, *found),
    )
