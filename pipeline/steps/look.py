"""A quick look at an environment: its ledger and whether somebody is at work. No snapshot, no lock."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.formats.model import MigrationState, Release
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
        history = read_history(session, context.ledger, before=context.former)
        ours = others.holders(session.connection, locks.OURS)
        tools = others.holders(session.connection, context.ledger.lock_key(session.connection.info.dbname))
        return Look(
            shown=target.shown,
            states=context.format.states(
                release, history, out_of_order=context.project.migrations.out_of_order
            ),
            in_flight=_in_flight(context.format.name, ours, tools),
        )


def _in_flight(tool: str, ours: Sequence[str], tools: Sequence[str]) -> str | None:
    """Who is at work; the real tool says so by its own lock, which a promotion holds too."""
    if ours:
        return f"a promotion is at work: {ours[0]}"
    return f"{tool} is at work: {tools[0]}" if tools else None
