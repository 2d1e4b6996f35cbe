"""Take migrations back in an unprotected environment: their own down scripts, no proof."""

from dataclasses import dataclass

from pipeline.promotion.request import Request
from pipeline.promotion.unprotected import unprotected
from pipeline.steps.prepare import prepare
from pipeline.steps.undo import BASE, above, must_have_a_way_back, undo


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
    why = "its way back needs a proof too, which is not built yet"
    todo = f"promote a migration that takes the change back: pipeline promote {request.environment}"
    with unprotected(request, why=why, todo=todo) as place:
        applied = place.stands.applied
        going = above(place.stands.states, to)
        must_have_a_way_back(going)
        staying = [one for one in applied if one.version is not None and one not in going]
        kept = staying[-1] if staying else None
        undone = [prepare(migration) for migration in going]
        if undone:
            with place.track.step("undo", f"take {len(undone)} migrations back") as note:
                place.open_books()
                undo(place.context, place.session, kept, undone, known=place.stands.history)
                note.summary = f"{len(undone)} taken back"
    return RolledBack(
        target=place.shown,
        undone=tuple(migration.label for migration in reversed(going)),
        version=kept.version if kept else to if to != BASE else None,
    )
