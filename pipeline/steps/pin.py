"""Accept a database as it is: as the one that the environment means, and its shape as the one to expect."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config.pins import Pin
from pipeline.errors import Refused
from pipeline.findings import Finding
from pipeline.postgres import locks
from pipeline.postgres.books import SCHEMA, Books, schema_there
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity
from pipeline.postgres.marker import open_marked
from pipeline.schema.diff import Difference, diff
from pipeline.schema.digest import fingerprint
from pipeline.schema.model import Snapshot
from pipeline.steps import ignoring, kept
from pipeline.steps.context import Context
from pipeline.steps.expected import head_and_shape, pin_file, recall
from pipeline.steps.identify import is_pinnable
from pipeline.steps.observe import Observed, observe
from pipeline.steps.pin_identity import examined, pin_identity
from pipeline.steps.release import must_be_readable, read_release
from pipeline.steps.targets import opened, surroundings


@dataclass(frozen=True)
class PinnedShape:
    """A shape that is expected from now on; ``accepted`` is how it differs from what was, if that is known."""

    fingerprint: str
    compared: int
    where: str
    accepted: Sequence[Difference] | None
    ignored: tuple[Finding, ...]


@dataclass(frozen=True)
class Pinned:
    """Who pinned what, and when.

    ``identity`` is None for a database that is each person's own, ``shape`` for one that has nothing in it.
    """

    by: str
    at: str
    identity: Pin | None
    shape: PinnedShape | None


def pin(context: Context, *, replace: bool = False) -> Pinned:
    """Pin the identity of an environment's database, and keep its shape as the expected one.

    With ``replace``, another database than the one that was pinned or marked takes its place. Raises Busy
    while somebody is at work there, Refused where something is half made or it is not the environment's.
    """
    reading = read_release(context.project, surroundings(context))
    must_be_readable(reading.findings)
    with (
        opened(context) as target,
        context.session(target) as session,
        locks.held(session, locks.OURS, deadline=context.limits.advisory_lock, what="the promotion lock"),
    ):
        identity = examined(context, session, replace=replace)
        observed = observe(context, session, reading.release)
        _must_be_whole(context, observed)
        books = _books(context, session, identity, observed, replace=replace)
        note = kept.Note(
            ledger="",
            by=_who(context, identity.role),
            at=context.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        )
        shape = _pin_shape(context, session, observed, books, note) if observed.snapshot.objects else None
        return Pinned(note.by, note.at, pin_identity(context, session, identity), shape)


def _books(
    context: Context, session: Session, identity: Identity, observed: Observed, *, replace: bool
) -> Books | None:
    """Our records, made and marked; None where there is nothing to record or the role may not make them."""
    if not schema_there(session) and not (observed.snapshot.objects and identity.may_create_schema):
        return None
    books = context.books(session)
    open_marked(books, identity, context.environment.name, replace=replace)
    return books


def _pin_shape(
    context: Context, session: Session, observed: Observed, books: Books | None, note: kept.Note
) -> PinnedShape:
    """Keep the shape in our schema, or else in the project's state."""
    known = recall(context, session, observed)
    head, shape = head_and_shape(context, session)
    noted = dataclasses.replace(note, ledger=head)
    if books is not None:
        where = f"the schema {SCHEMA!r} of {session.target.shown}"
        books.remember(head, kept.pack(shape, noted))
    else:
        where = str(pin_file(context))
        kept.write(pin_file(context), shape, noted)
    return PinnedShape(
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
    if not observed.snapshot.objects and not is_pinnable(context):
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
