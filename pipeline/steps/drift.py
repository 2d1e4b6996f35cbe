"""Has the database moved by itself? Its shape against the one that is expected of it.

What is pending is no drift, and while somebody is at work nobody can say what should be there: that is busy,
and never an alarm.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.errors import Busy, Refused
from pipeline.findings import Finding
from pipeline.formats.model import History
from pipeline.postgres import locks, others
from pipeline.postgres.connect import Session
from pipeline.postgres.history import read_history
from pipeline.postgres.identity import Identity
from pipeline.schema.diff import Change, Difference, diff, diff_settings, is_soft
from pipeline.schema.model import Snapshot
from pipeline.steps import ignoring
from pipeline.steps.context import Context
from pipeline.steps.cut_off import besides
from pipeline.steps.expected import expected_of
from pipeline.steps.identify import must_be_the_target
from pipeline.steps.observe import Observed, observe
from pipeline.steps.release import must_be_readable, read_release
from pipeline.steps.targets import opened, surroundings
from pipeline.steps.throwaway import throwaway
from pipeline.steps.ways_out import Shapes, WaysOut, ways_out
from pipeline.throwaway.interface import Server


@dataclass(frozen=True)
class Drift:
    """What differs from what is expected. ``unknown`` says why nothing can be expected, if so.

    ``settings`` are those that sessions start with: told, and no drift, since a DBA may tune a server.
    ``pending`` names what the release has beyond the ledger: no drift either. ``ways`` lead out of what moved.
    """

    differences: tuple[Difference, ...]
    source: str
    expected: Snapshot
    live: Snapshot
    unknown: str | None = None
    settings: tuple[Difference, ...] = ()
    pending: tuple[str, ...] = ()
    ignored: tuple[Finding, ...] = ()
    ways: WaysOut | None = None

    @property
    def compared(self) -> int:
        """How many objects were compared."""
        return len(self.expected.objects)

    @property
    def moved(self) -> tuple[Difference, ...]:
        """The differences that count: the order of columns, and what is the server's own, are not."""
        return tuple(difference for difference in self.differences if not is_soft(difference))

    @property
    def absent(self) -> tuple[Difference, ...]:
        """What the ledger says was made, and is not there."""
        return tuple(one for one in self.moved if one.change is Change.REMOVED)

    @property
    def hotfixes(self) -> tuple[Difference, ...]:
        """What is there, or is otherwise, and no recorded migration made it so."""
        return tuple(one for one in self.moved if one.change is not Change.REMOVED)

    @property
    def soft(self) -> tuple[Difference, ...]:
        """What is told and fails nothing."""
        return tuple(one for one in self.differences if is_soft(one))


def drift_of(context: Context) -> Drift:
    """The drift of one environment, on its own.

    Raises Refused where nobody can say what it should be, Busy while somebody is at work there.
    """
    reading = read_release(context.project, surroundings(context))
    must_be_readable(reading.findings)
    with (
        opened(context) as target,
        context.session(target) as session,
    ):
        identity = must_be_the_target(context, session)
        must_be_quiet(context, session, identity)
        observed = observe(context, session, reading.release)
        must_be_quiet(context, session, identity, history=observed.history)
        with throwaway(context, session.major) as made:
            drift = look_for_drift(context, session, observed, made.server)
            if drift.moved:
                shapes = Shapes(drift.expected, drift.live)
                ways = ways_out(context, reading.release, observed, shapes, server=made.server, source=target)
                drift = replace(drift, ways=ways)
    if drift.unknown is not None:
        raise Refused(
            f"drift of {context.environment.name} cannot be examined",
            why=drift.unknown,
            todo=f"look at it, then accept it as it is: `pipeline pin {context.environment.name}`",
        )
    return drift


def must_be_quiet(
    context: Context, session: Session, identity: Identity, *, history: History | None = None
) -> None:
    """Raise Busy when a promotion or the real tool is at work, or has been since ``history`` was read."""
    keys = (locks.OURS, context.ledger.lock_key(identity.database))
    at_work = [who for key in dict.fromkeys(keys) for who in others.holders(session.connection, key)]
    again = read_history(session, context.ledger, before=context.former) if history is not None else None
    if at_work or again != history:
        raise Busy(
            f"somebody is at work in {context.environment.name}: it cannot be said what should be there",
            where=session.target.shown,
            why="; ".join(at_work) or "the ledger changed while we looked",
            todo="run again when that has ended",
        )


def look_for_drift(
    context: Context, session: Session, observed: Observed, server: Callable[[], Server]
) -> Drift:
    """Compare the live shape with the expected one; ``server`` starts a throwaway if one is needed.

    Raises Refused when there was nothing to compare: a check of nothing is no check.
    """
    expected = expected_of(context, session, observed, server)
    if expected.snapshot is None:
        nothing = Snapshot(objects={})
        return Drift((), expected.source, nothing, observed.snapshot, unknown=expected.source)
    if not expected.snapshot.objects:
        raise Refused(
            "there is nothing to compare: no object is expected in the managed schemas",
            why=", ".join(context.schemas),
            todo="check migrations.schemas and drift.ignore in environments.yaml",
        )
    return Drift(
        differences=besides(diff(expected.snapshot, observed.snapshot), observed.in_the_making),
        source=expected.source,
        expected=expected.snapshot,
        live=observed.snapshot,
        settings=diff_settings(expected.snapshot, observed.snapshot),
        pending=tuple(migration.title for migration in observed.to_apply),
        ignored=ignoring.told(context, observed.ignored),
    )
