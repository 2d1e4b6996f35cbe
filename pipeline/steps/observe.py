"""Look at a database: who it is, what its ledger says, what shape it has. Reads only, locks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from pipeline.formats.model import Release
from pipeline.postgres import books
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity, identify, settings
from pipeline.postgres.roles import Role, Setting, read_roles, read_settings
from pipeline.postgres.transaction import reading
from pipeline.schema.ignore import Masked, Rule, mask
from pipeline.schema.model import Snapshot
from pipeline.schema.snapshot import take
from pipeline.steps.context import Context
from pipeline.steps.ignoring import rules
from pipeline.steps.standing import Standing, standing

EXTENSIONS: LiteralString = "select extname, extversion from pg_catalog.pg_extension order by extname"


@dataclass(frozen=True, kw_only=True)
class Observed(Standing):
    """One database as it was seen at one instant.

    ``snapshot`` is what comparisons see of its shape; ``ignored`` says how many objects each rule has hidden.
    """

    identity: Identity
    settings: dict[str, str]
    roles: tuple[Role, ...]
    role_settings: tuple[Setting, ...]
    extensions: dict[str, str]
    snapshot: Snapshot
    ignored: Mapping[Rule, int]
    unfinished: books.Unfinished | None


def observe(context: Context, session: Session, release: Release, *, to: str | None = None) -> Observed:
    """Read everything a plan is made of, in one unchanging view."""
    with reading(session):
        stands = standing(context, session, release, to=to)
        masked = masked_by(context, whole_shape(context, session))
        return Observed(
            history=stands.history,
            states=stands.states,
            attempts=stands.attempts,
            converted=stands.converted,
            identity=identify(session),
            settings=settings(session),
            roles=read_roles(session),
            role_settings=read_settings(session),
            extensions={str(n): str(v) for n, v in session.connection.execute(EXTENSIONS)},
            snapshot=masked.snapshot,
            ignored=masked.hidden,
            unfinished=books.unfinished(session, context.ledger.table),
        )


def snapshot_of(context: Context, session: Session) -> Snapshot:
    """The shape that comparisons see: the managed schemas without the ledger and without what is ignored."""
    return masked_by(context, whole_shape(context, session)).snapshot


def whole_shape(context: Context, session: Session) -> Snapshot:
    """The shape of the managed schemas without the ledger, with what is ignored: to be kept, not compared."""
    return take(session.connection, context.schemas, exclude_tables=context.unmanaged)


def masked_by(context: Context, shape: Snapshot) -> Masked:
    """The shape as comparisons of this environment see it today."""
    return mask(shape, rules(context), today=context.at.date())
