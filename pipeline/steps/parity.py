"""Is the copy what the original was? Shape, rows, ledger and the settings that matter."""

from dataclasses import dataclass

from pipeline.postgres.history import read_history
from pipeline.postgres.identity import settings
from pipeline.postgres.rows import compare, read_rows
from pipeline.postgres.transaction import reading
from pipeline.schema.diff import diff
from pipeline.schema.model import Snapshot
from pipeline.schema.words import summarise
from pipeline.steps.back_up import Taken
from pipeline.steps.context import Context
from pipeline.steps.cut_off import besides
from pipeline.steps.observe import Observed, snapshot_of
from pipeline.steps.restore import Copy


@dataclass(frozen=True)
class Parity:
    """What differs between the copy and what the original held when the dump was taken; empty is equal."""

    snapshot: Snapshot
    schema: tuple[str, ...]
    rows: tuple[str, ...]
    history: tuple[str, ...]
    settings: tuple[str, ...]
    tables_compared: int
    rows_compared: int

    @property
    def restored(self) -> bool:
        """Whether the backup gave back all that it was taken of."""
        return not (self.schema or self.rows)

    @property
    def equal(self) -> bool:
        """Whether a rehearsal on the copy says something about the original."""
        return not (self.schema or self.rows or self.history or self.settings)

    @property
    def differences(self) -> tuple[str, ...]:
        """Everything that differs, in words."""
        return (*self.schema, *self.rows, *self.history, *self.settings)


def compare_copy(context: Context, copy: Copy, taken: Taken, original: Observed) -> Parity:
    """Compare the restored copy with the original, in the same view of the copy."""
    with context.session(copy.target) as session, reading(session):
        snapshot = snapshot_of(context, session)
        rows = read_rows(session.connection, context.schemas)
        history = read_history(session, context.ledger)
        here = settings(session)
    differing = [
        f"setting {name}: {value} on {context.environment.name}, {here.get(name)} on the copy"
        for name, value in original.settings.items()
        if here.get(name) != value
    ]
    differences = besides(diff(taken.snapshot, snapshot), original.in_the_making)
    return Parity(
        snapshot=snapshot,
        schema=summarise(differences),
        rows=compare(taken.rows, rows),
        history=() if history == taken.history else ("the ledger's rows differ",),
        settings=tuple(differing),
        tables_compared=len(rows),
        rows_compared=sum(table.count for table in rows.values()),
    )
