"""Take migrations back in an unprotected environment: their own down scripts, no proof."""

from dataclasses import dataclass

from pipeline.errors import Refused
from pipeline.postgres.books import Books
from pipeline.promotion import gates
from pipeline.promotion.journal import Journal
from pipeline.promotion.migrate import locked
from pipeline.promotion.request import Request
from pipeline.promotion.track import Track
from pipeline.steps.observe import must_be_the_target, observe
from pipeline.steps.release import must_be_readable, prepare, read_release
from pipeline.steps.undo import above, must_have_a_way_back, undo


@dataclass(frozen=True)
class RolledBack:
    """What was taken back, in that order, from which target, and the newest version that is left."""

    target: str
    undone: tuple[str, ...]
    version: str | None


def roll_back(request: Request, to: str) -> RolledBack:
    """Take back what was applied after version ``to``, under our lock.

    Raises Refused for a protected environment, and where something has no way back: then nothing is touched.
    """
    context = request.context()
    if context.environment.protected:
        raise Refused(
            f"{request.environment} is protected: its way back needs a proof too, which is not built yet",
            where=str(request.project.file),
            todo=f"promote a migration that takes the change back: pipeline promote {request.environment}",
        )
    track = Track(Journal(request.journal), request.listener, context.deadline)
    with track.step("validate", "read the migrations") as note:
        reading = read_release(request.project)
        must_be_readable(reading.findings)
        note.summary = f"{len(reading.release.migrations)} migrations"
    with locked(context) as (target, session):
        identity = must_be_the_target(context, session)
        observed = observe(context, session, reading.release)
        must_be_readable(gates.history(observed.states, observed.cut_off))
        going = above(observed.applied, to)
        must_have_a_way_back(going)
        staying = [one for one in observed.applied if one.version is not None and one not in going]
        kept = staying[-1] if staying else None
        undone = [prepare(migration) for migration in going]
        if undone:
            with track.step("undo", f"take {len(undone)} migrations back") as note:
                books = Books(session, context.run_id)
                books.open()
                books.mark(identity, context.environment.name)
                undo(context, session, kept, undone)
                note.summary = f"{len(undone)} taken back"
    return RolledBack(
        target=target.shown,
        undone=tuple(migration.label for migration in reversed(going)),
        version=kept.version if kept else None,
    )
