"""How far is a database? Read from its ledger and our records alone: its shape may be large, and takes time."""

from dataclasses import dataclass

from pipeline.formats.model import Disposition, History, Kind, Migration, MigrationState, Release
from pipeline.postgres import books
from pipeline.postgres.connect import Session
from pipeline.postgres.history import read_history
from pipeline.steps.context import Context


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
        return frozenset(attempt.migration for attempt in self.attempts if attempt.direction == books.UP)

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


def standing(context: Context, session: Session, release: Release, *, to: str | None = None) -> Standing:
    """Read what tells what is to be done; whoever calls has an unchanging view of the database."""
    history = read_history(session, context.ledger, before=context.former)
    policy = context.project.migrations.out_of_order
    return Standing(
        history=history,
        states=context.format.states(release, history, out_of_order=policy, target=to),
        attempts=books.open_attempts(session, context.ledger.table),
        converted=context.conversion is not None,
    )
