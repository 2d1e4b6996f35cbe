"""A promotion that died after its last migration, before it could say how it ended: say it now."""

from collections.abc import Sequence

from pipeline.errors import NeedsHuman
from pipeline.findings import Finding, Severity
from pipeline.postgres.books import Books, Unfinished, unfinished
from pipeline.postgres.connect import Session
from pipeline.promotion import evidence, plan
from pipeline.promotion.applying import promotion_lock
from pipeline.promotion.state import Run, now
from pipeline.proof import Outcome
from pipeline.schema.digest import fingerprint
from pipeline.steps.expected import remember
from pipeline.steps.observe import snapshot_of
from pipeline.steps.verify import Before, Verified, verify


def finish_what_was_cut_off(run: Run, session: Session) -> Outcome:
    """Nothing is pending; finish the last promotion if it was cut off.

    Raises NeedsHuman when the target is not where its rehearsal ended, when its books hold other bytes, or
    when a check does not hold (those that compare with a time before can only be asked to answer).
    """
    if run.observed is None or run.observed.unfinished is None:
        return Outcome.NOTHING_TO_DO
    run_id = run.observed.unfinished.run_id
    with run.track.step("finish", f"finish {run_id}, which was cut off") as note, promotion_lock(run, session):
        ledger = run.context.ledger.table
        cut_off = unfinished(session, ledger)
        if cut_off is None:
            note.summary = "it has ended meanwhile"
            return Outcome.NOTHING_TO_DO
        reached = fingerprint(snapshot_of(run.context, session))
        verified = verify(run.context, session, Before({}, frozenset()), commands=True)
        books = Books(session, cut_off.run_id, ledger)
        wrong = _wrong(run, books, cut_off, reached, verified)
        books.ended((Outcome.NEEDS_HUMAN if wrong else Outcome.PROMOTED).value, reached)
        if wrong:
            raise NeedsHuman(
                f"{cut_off.run_id} was cut off, and {run.shown} did not end as it was rehearsed",
                why="; ".join(wrong),
                todo="its evidence folder has the plan; decide to roll forward, or back by hand",
            )
        _complete(run, session, cut_off, reached, verified)
        note.summary = f"it ended where its rehearsal did; {verified.summary}"
    return Outcome.NOTHING_TO_DO


def _wrong(run: Run, books: Books, cut_off: Unfinished, reached: str, verified: Verified) -> Sequence[str]:
    """What is wrong with the end, in words; the claims about it are this run's to make."""
    wrong = [f"{verdict.name}: {verdict.words}" for verdict in verified.failing]
    run.seen.checks = verified.summary
    run.seen.end_differences = ()
    if reached != cut_off.fingerprint_expected:
        run.seen.end_differences = (
            f"the rehearsal ended at {cut_off.fingerprint_expected}, it is at {reached}",
        )
    planned = evidence.planned(run.request.evidence_folder / cut_off.run_id)
    applied = books.applied_digests()
    if planned is not None:
        run.seen.files = len(planned)
        run.seen.rehearsed_digest = plan.digest_of(sorted(planned.items()))
        run.seen.applied_digest = plan.digest_of(sorted(applied.items()))
    wrong += run.seen.end_differences
    if planned is not None and planned != applied:
        wrong.append("its books hold other bytes than were rehearsed")
    return wrong


def _complete(run: Run, session: Session, cut_off: Unfinished, reached: str, verified: Verified) -> None:
    assert run.observed is not None  # noqa: S101  # the caller has looked
    remember(run.context, session)
    folder = run.request.evidence_folder / cut_off.run_id
    words = "its evidence is not on this machine"
    if evidence.planned(folder) is not None:
        version = run.observed.version
        evidence.complete(folder, fingerprint=reached, version=version, checks=verified.summary, at=now())
        words = "its evidence is complete now"
    run.findings.append(
        Finding("cut-off", Severity.NOTE, f"{cut_off.run_id} was cut off after its last migration; {words}")
    )
