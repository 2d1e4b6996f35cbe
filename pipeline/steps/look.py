"""A quick look at an environment: its ledger and whether somebody is at work. No snapshot, no lock."""

from dataclasses import dataclass

from pipeline.formats.interface import MigrationState, Release
from pipeline.postgres import locks, others
from pipeline.postgres.history import read_history
from pipeline.steps.context import Context
from pipeline.steps.targets import opened


@dataclass(frozen=True)
class Look:
    """What a look at an environment shows."""

    shown: str
    states: tuple[MigrationState, ...]
    in_flight: str | None


def look(context: Context, release: Release) -> Look:
    """Read the ledger. Raises Unavailable where the environment cannot be reached."""
    with (
        opened(context) as target,
        context.session(target) as session,
    ):
        history = read_history(session, context.ledger)
        holders = others.holders(session.connection, locks.OURS)
        return Look(
            shown=target.shown,
            states=context.format.states(
                release, history, out_of_order=context.project.migrations.out_of_order
            ),
            in_flight=f"a promotion is at work: {holders[0]}" if holders else None,
        )
