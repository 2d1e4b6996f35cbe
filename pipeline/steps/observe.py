"""Look at a database: who it is, what its ledger says, what shape it has. Reads only, locks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

from pipeline.formats.interface import Disposition, History, Kind, Migration, MigrationState, Release
from pipeline.postgres import books
from pipeline.postgres.connect import Session
from pipeline.postgres.history import read_history
from pipeline.postgres.identity import Identity, identify, settings
from pipeline.postgres.roles import Role, Setting, read_roles, read_settings
from pipeline.postgres.transaction import reading
from pipeline.postgres.work import UP
from pipeline.schema.ignore import Masked, Rule, mask
from pipeline.schema.model import Snapshot
from pipeline.schema.snapshot import take
from pipeline.steps.context import Context

EXTENSIONS: LiteralString = "select extname, extversion from pg_catalog.pg_extension order by extname"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a database is: what its ledger and our records say of the files, at one instant.

    ``converted`` says that what a baseline covers are migrations that another tool has applied.
    """

    history: History
    states: tuple[MigrationState, ...]
    attempts: tuple[books.Attempt, ...]
    converted: bool

    @property
    def cut_off(self) -> frozenset[str]:
        """Labels of migrations that began outside a transaction, were cut off, and can be resumed."""
        return frozenset(attempt.migration for attempt in self.attempts if attempt.direction == UP)

    @property
    def in_the_making(self) -> frozenset[str]:
        """Names of objects that those migrations were making or dropping."""
        return frozenset(name for attempt in self.attempts for name in attempt.objects)

    @property
    def to_apply(self) -> tuple[Migration, ...]:
        """What is to be applied, in order: what is pending, and what was cut off half-way."""
        return tuple(
            state.migration
            for state in self.states
            if state.migration is not None
            and (
                state.disposition is Disposition.PENDING
                or (state.disposition is Disposition.PROBLEM and state.migration.label in self.cut_off)
            )
        )

    @property
    def applied(self) -> tuple[Migration, ...]:
        """What was applied and has its file, in the ledger's order."""
        return tuple(
            state.migration
            for state in self.states
            if state.disposition is Disposition.APPLIED and state.migration is not None
        )

    @property
    def version(self) -> str | None:
        """The newest applied version, for people."""
        versions = [m.version for m in self.applied if m.version is not None]
        return versions[-1] if versions else None


def has_run(state: MigrationState) -> bool:
    """Whether a migration has run, or a baseline says that it has."""
    if state.disposition is Disposition.APPLIED:
        return True
    about = state.migration
    passed_over = state.finding or (state.state == "Ignored" and about and about.kind is Kind.VERSIONED)
    return state.disposition is Disposition.IGNORED and state.row is None and not passed_over


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
        stands = _standing(context, session, release, to)
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
            unfinished=books.unfinished(session),
        )


def standing(context: Context, session: Session, release: Release, *, to: str | None = None) -> Standing:
    """Read what tells what is to be done, in one unchanging view; nothing of the shape, which may be large."""
    with reading(session):
        return _standing(context, session, release, to)


def _standing(context: Context, session: Session, release: Release, to: str | None) -> Standing:
    history = read_history(session, context.ledger, before=context.former)
    policy = context.project.migrations.out_of_order
    return Standing(
        history=history,
        states=context.format.states(release, history, out_of_order=policy, target=to),
        attempts=books.open_attempts(session),
        converted=context.conversion is not None,
    )


def snapshot_of(context: Context, session: Session) -> Snapshot:
    """The shape that comparisons see: the managed schemas without the ledger and without what is ignored."""
    return masked_by(context, whole_shape(context, session)).snapshot


def whole_shape(context: Context, session: Session) -> Snapshot:
    """The shape of the managed schemas without the ledger, with what is ignored: to be kept, not compared."""
    return take(session.connection, context.schemas, exclude_tables=context.unmanaged)


def masked_by(context: Context, shape: Snapshot) -> Masked:
    """The shape as comparisons of this environment see it today."""
    return mask(shape, context.ignored, today=context.at.date())
