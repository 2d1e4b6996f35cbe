"""Apply what is pending to an unprotected environment: no rehearsal, no backup, no proof."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.findings import Finding
from pipeline.formats.model import Migration
from pipeline.promotion.request import Request
from pipeline.promotion.unprotected import Unprotected, unprotected
from pipeline.steps.release import must_be_readable


@dataclass(frozen=True)
class Migrated:
    """What was applied, in order, to which target."""

    target: str
    applied: tuple[str, ...]
    version: str | None
    findings: tuple[Finding, ...]


def migrate(request: Request) -> Migrated:
    """Apply the pending migrations under our lock. Raises Refused for a protected environment."""
    why = "a migration must be rehearsed and proved first"
    with unprotected(request, why=why, todo=f"pipeline promote {request.environment}") as place:
        to_apply = place.stands.to_apply
        found = _apply(place, to_apply) if to_apply else ()
    versions = [migration.version for migration in to_apply if migration.version]
    return Migrated(
        target=place.shown,
        applied=tuple(migration.label for migration in to_apply),
        version=versions[-1] if versions else place.stands.version,
        findings=(*place.reading.findings, *found),
    )


def _apply(place: Unprotected, to_apply: Sequence[Migration]) -> tuple[Finding, ...]:
    """Apply what may be applied; returns what the lint says. Raises Refused before anything is written."""
    from pipeline.steps.apply import apply  # noqa: PLC0415  # who has nothing to apply must not pay for it
    from pipeline.steps.prepare import callbacks, lint_migrations, prepare  # noqa: PLC0415
    from pipeline.steps.runner import tool_of  # noqa: PLC0415

    found = lint_migrations(place.reading.release, to_apply)
    must_be_readable(found)
    tool = tool_of(place.context, place.reading.release)
    pending = [prepare(migration, by_tool=tool is not None) for migration in to_apply]
    called = callbacks(place.reading.release)
    if tool is not None:
        tool.must_reach(place.session)
    with place.track.step("apply", f"apply {len(pending)} migrations") as note:
        place.open_books()
        apply(
            place.context,
            place.session,
            pending,
            strong={},
            known=place.stands.history,
            callbacks=called,
            tool=tool,
        )
        note.summary = f"{len(pending)} applied"
    return found
