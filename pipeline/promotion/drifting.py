"""Drift before a promotion: what has moved by itself, and whether it is in this release's way."""

from collections.abc import Sequence

from pipeline.findings import Finding
from pipeline.postgres.connect import Session
from pipeline.promotion import gates
from pipeline.promotion.state import Run
from pipeline.schema.diff import Difference
from pipeline.schema.words import summarise
from pipeline.steps.drift import Drift, look_for_drift
from pipeline.steps.prepare import Prepared
from pipeline.steps.rehearse import Rehearsal
from pipeline.steps.throwaway import Throwaway
from pipeline.steps.touched import Touched, by_rehearsal, by_scripts, touching


def judge_drift(run: Run, session: Session, made: Throwaway, pending: Sequence[Prepared]) -> None:
    """Compare the target with what it should be. Raises Refused for drift in the way."""
    assert run.observed is not None  # noqa: S101  # observed before
    with run.track.step("drift", f"compare {run.context.environment.name} with what it should be") as note:
        drift = look_for_drift(run.context, session, run.observed, made.server)
        run.drift = drift
        run.must_pass(gates.unknown_drift(drift.unknown))
        blocking = _blocking(run, drift, by_scripts(pending))
        beside = summarise(one for one in drift.moved if one not in blocking)
        run.must_pass((*_drift_findings(run, blocking), *gates.drift_beside(beside)))
        found = f"{len(drift.moved)} differences, of" if drift.moved else "as expected:"
        note.summary = f"{found} {drift.compared} objects ({drift.source})"


def drift_again(run: Run, rehearsal: Rehearsal, pending: Sequence[Prepared]) -> tuple[Finding, ...]:
    """The drift that only the rehearsal showed to be in the way: it was changed or locked there."""
    if run.drift is None:
        return ()
    known = _blocking(run, run.drift, by_scripts(pending))
    late = [one for one in _blocking(run, run.drift, by_rehearsal(rehearsal)) if one not in known]
    return _drift_findings(run, late)


def _blocking(run: Run, drift: Drift, touched: Touched) -> tuple[Difference, ...]:
    """The drift that counts for this release (``drift.scope``)."""
    if run.context.environment.drift.scope == "all":
        return drift.moved
    return touching(drift.moved, touched, expected=drift.expected, live=drift.live)


def _drift_findings(run: Run, blocking: Sequence[Difference]) -> tuple[Finding, ...]:
    return gates.drift(summarise(blocking), run.context.environment.drift)
