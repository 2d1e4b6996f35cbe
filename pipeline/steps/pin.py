"""Accept a database as it is: its shape becomes what is expected of it, with who said so and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import Refused
from pipeline.findings import Finding
from pipeline.postgres import locks
from pipeline.postgres.books import SCHEMA, Books, schema_there
from pipeline.schema.diff import Difference, diff
from pipeline.schema.digest import fingerprint
from pipeline.schema.model import Snapshot
from pipeline.steps import ignoring, kept
from pipeline.steps.context import Context
from pipeline.steps.expected import head_and_shape, pin_file, recall
from pipeline.steps.observe import Observed, must_be_the_target, observe
from pipeline.steps.release import must_be_readable, read_release
from pipeline.steps.targets import opened


@dataclass(frozen=True)
class Pinned:
    """What was pinned and where; ``accepted`` is how it differs from what was expected until now, if known."""

    by: str
    at: str
    fingerprint: str
    compared: int
    where: str
    accepted: Sequence[Difference] | None
    ignored: tuple[Finding, ...]


def pin(context: Context) -> Pinned:
    """Keep the shape of an environment as the expected one, in our schema or else in the project's state.

    Raises Busy while somebody is at work there, Refused where something is half made or nothing is there.
    """
    reading = read_release(context.project)
    must_be_readable(reading.findings)
    with (
        opened(context) as target,
        context.session(target) as session,
        locks.held(session, locks.OURS, deadline=context.limits.advisory_lock, what="the promotion lock"),
    ):
        identity = must_be_the_target(context, session)
        observed = observe(context, session, reading.release)
        _must_be_whole(context, observed)
        known = recall(context, session, observed)
        head, shape = head_and_shape(context, session)
        at = context.at.isoformat(timespec="seconds").replace("+00:00", "Z")
        note = kept.Note(head, _who(context, identity.role), at)
        where = str(pin_file(context))
        if schema_there(session) or identity.may_create_schema:
            where = f"the schema {SCHEMA!r} of {target.shown}"
            books = Books(session, context.run_id)
            books.open()
            books.mark(identity, context.environment.name)
            books.remember(head, kept.pack(shape, note))
        else:
            kept.write(pin_file(context), shape, note)
    return Pinned(
        by=note.by,
        at=note.at,
        fingerprint=fingerprint(observed.snapshot),
        compared=len(observed.snapshot.objects),
        where=where,
        accepted=_accepted(known.snapshot if known else None, observed.snapshot),
        ignored=ignoring.told(context, observed.ignored),
    )


def _must_be_whole(context: Context, observed: Observed) -> None:
    if observed.attempts or observed.unfinished:
        raise Refused(
            f"a promotion of {context.environment.name} was cut off half-way",
            todo=f"finish it first: `pipeline promote {context.environment.name}`",
        )
    if not observed.snapshot.objects:
        raise Refused(
            "there is nothing to pin: no object in the managed schemas",
            why=", ".join(context.schemas),
            todo="check migrations.schemas and drift.ignore in environments.yaml",
        )


def _accepted(before: Snapshot | None, now: Snapshot) -> Sequence[Difference] | None:
    return diff(before, now) if before is not None else None


def _who(context: Context, role: str) -> str:
    """Who says so: the person or the run that called us, as far as the environment tells, and the role."""
    names = (context.environ.get(name) for name in ("GITHUB_ACTOR", "USER", "LOGNAME"))
    person = next((name for name in names if name), None)
    return f"{person} as {role}" if person else role
