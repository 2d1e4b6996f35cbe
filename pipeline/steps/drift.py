"""Has the database moved by itself? Its shape against the one that is expected of it."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import Refused
from pipeline.postgres.connect import Session
from pipeline.schema.diff import Difference, diff, is_soft
from pipeline.schema.model import Snapshot
from pipeline.steps.context import Context
from pipeline.steps.cut_off import besides
from pipeline.steps.expected import recall, replay
from pipeline.steps.observe import Observed, must_be_the_target, observe
from pipeline.steps.release import must_be_readable, read_release
from pipeline.steps.targets import opened
from pipeline.steps.throwaway import throwaway
from pipeline.throwaway.interface import Server


@dataclass(frozen=True)
class Drift:
    """What differs from what is expected. ``unknown`` says why nothing can be expected, if so."""

    differences: tuple[Difference, ...]
    source: str
    expected: Snapshot
    live: Snapshot
    unknown: str | None = None

    @property
    def compared(self) -> int:
        """How many objects were compared."""
        return len(self.expected.objects)

    @property
    def moved(self) -> tuple[Difference, ...]:
        """The differences that count: the order of columns, and what is the server's own, are not."""
        return tuple(difference for difference in self.differences if not is_soft(difference))


def drift_of(context: Context) -> Drift:
    """The drift of one environment, on its own. Raises Refused where nobody can say what it should be."""
    reading = read_release(context.project)
    must_be_readable(reading.findings)
    with (
        opened(context) as target,
        context.session(target) as session,
    ):
        must_be_the_target(context, session)
        observed = observe(context, session, reading.release)
        with throwaway(context, session.major) as made:
            drift = look_for_drift(context, session, observed, made.server)
    if drift.unknown is not None:
        raise Refused(
            f"drift of {context.environment.name} cannot be examined",
            why=drift.unknown,
            todo="promote once with this program: it keeps the shape it leaves behind",
        )
    return drift


def look_for_drift(
    context: Context, session: Session, observed: Observed, server: Callable[[], Server]
) -> Drift:
    """Compare the live shape with the expected one; ``server`` starts a throwaway if one is needed.

    Raises Refused when there was nothing to compare: a check of nothing is no check.
    """
    expected = recall(context, session, observed) or replay(context, server(), observed)
    if expected.snapshot is None:
        nothing = Snapshot(objects={})
        return Drift((), expected.source, nothing, observed.snapshot, unknown=expected.source)
    if not expected.snapshot.objects:
        raise Refused(
            "there is nothing to compare: no object is expected in the managed schemas",
            why=", ".join(context.schemas),
            todo="check migrations.schemas in environments.yaml",
        )
    differences = besides(diff(expected.snapshot, observed.snapshot), observed.in_the_making)
    return Drift(differences, expected.source, expected.snapshot, observed.snapshot)
