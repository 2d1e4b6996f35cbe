"""Keep our own memory of the bytes that were applied, where the format's ledger has none."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.formats.model import Disposition, MigrationState
from pipeline.postgres import witness
from pipeline.postgres.connect import Session
from pipeline.steps.context import Context
from pipeline.steps.standing import Standing


class Pardon(NamedTuple):
    """A fault that a repair forgives, in words, and what is remembered instead."""

    what: str
    word: witness.Word


def take_note(context: Context, session: Session, stands: Standing) -> None:
    """Remember what counts as applied and was never noted, before anything else is written.

    It is what somebody else applied, and what was there before us. Our schema is there already.
    """
    if context.ledger.remembers_bytes:
        return
    unknown = [
        witness.seen(state.migration)
        for state in stands.states
        if state.disposition is Disposition.APPLIED
        and state.migration is not None
        and state.migration.label not in stands.history.noted
    ]
    witness.note(context.books(session), unknown)


def pardons(states: Sequence[MigrationState], *, applied: str | None) -> tuple[Pardon, ...]:
    """What a repair forgives where only our memory says that something is wrong.

    A changed file counts as it is now and a file that is gone is no longer asked for; one that was skipped
    counts as applied where ``applied`` names it.
    """
    return tuple(pardon for state in states if (pardon := _pardon(state, applied)) is not None)


def _pardon(state: MigrationState, applied: str | None) -> Pardon | None:
    rule = state.finding.rule if state.finding else None
    migration = state.migration
    if rule == "edited-after-apply" and migration is not None:
        return Pardon(f"{migration.label} counts with the bytes it has now", witness.seen(migration))
    if rule == "out-of-order" and migration is not None and migration.label == applied:
        return Pardon(f"{migration.label} counts as applied", witness.seen(migration))
    if rule == "file-absent" and state.row is not None and not state.row.raw:
        return Pardon(f"{state.row.version} is no longer asked for", witness.gone(state.row.version or ""))
    return None
