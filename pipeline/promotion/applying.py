"""The second half of a promotion: under our lock, on one connection, only what was rehearsed."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack

from pipeline.errors import Failed, NeedsHuman, Refused
from pipeline.postgres import locks
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session
from pipeline.postgres.marker import open_marked
from pipeline.postgres.target import Target
from pipeline.promotion import evidence, gates, plan
from pipeline.promotion.state import ENDINGS, Run
from pipeline.proof import Outcome
from pipeline.schema.diff import diff
from pipeline.schema.digest import fingerprint
from pipeline.schema.model import Snapshot
from pipeline.schema.words import summarise
from pipeline.steps.apply import apply
from pipeline.steps.cut_off import besides
from pipeline.steps.expected import remember
from pipeline.steps.identify import must_be_the_target
from pipeline.steps.observe import Observed, observe, snapshot_of
from pipeline.steps.prepare import Prepared, callbacks
from pipeline.steps.rehearse import Rehearsal
from pipeline.steps.verify import Before, Verified, ask_before, verify
from pipeline.steps.witness import take_note

AS_REHEARSED = {True: Outcome.PROMOTED, False: Outcome.NEEDS_HUMAN}


def apply_under_lock(run: Run, target: Target, pending: Sequence[Prepared], rehearsal: Rehearsal) -> None:
    """Lock, look again, apply, verify, compare the end.

    Raises what the steps raise; ``run.touched`` says whether the target was written to by then.
    """
    context = run.context
    with (
        context.session(target) as session,
        ExitStack() as locked,
    ):
        with run.track.step("lock", f"lock {context.environment.name}") as note:
            locked.enter_context(promotion_lock(run, session))
            note.summary = "nobody else is at work"
        before = _look_again(run, session)
        _apply(run, session, pending, rehearsal)
        verified = _verify(run, session, before)
        _conclude(run, session, rehearsal, verified)


def promotion_lock(run: Run, session: Session) -> AbstractContextManager[None]:
    """Our own lock, for the length of a block: one promotion at a time in one database."""
    deadline = run.context.limits.advisory_lock
    return locks.held(session, locks.OURS, deadline=deadline, what="the promotion lock")


def _look_again(run: Run, session: Session) -> Before:
    """Under the lock: is it still the target, and still what was copied?"""
    assert run.observed is not None and run.release is not None  # noqa: S101, PT018
    with run.track.step("unmoved", "look again, under the lock") as note:
        must_be_the_target(run.context, session)
        run.settings = {**session.settings, **run.context.limits.settings}
        again = observe(run.context, session, run.release, to=run.request.to)
        run.seen.prod_moved = _moved(run.observed, again)
        found = gates.unmoved(run.seen.prod_moved)
        run.must_pass(found)
        note.summary = "as it was when it was copied"
        return ask_before(run.context, session)


def _moved(was: Observed, found: Observed) -> tuple[str, ...]:
    differences = besides(diff(was.snapshot, found.snapshot), was.in_the_making | found.in_the_making)
    words = list(summarise(differences))
    if plan.history_of(was.history) != plan.history_of(found.history):
        words.append(f"the ledger has {len(found.history.rows)} rows, had {len(was.history.rows)}")
    return tuple(words)


def _apply(run: Run, session: Session, pending: Sequence[Prepared], rehearsal: Rehearsal) -> None:
    context = run.context
    books = context.books(session)
    with run.track.step("apply", f"apply {len(pending)} migrations to {context.environment.name}") as note:
        assert run.observed is not None  # noqa: S101  # observed before
        evidence.write(run.draft(), run.request.evidence_folder)
        _open_books(run, books, rehearsal)
        strong = {one.migration.label: one.strong for one in rehearsal.migrations}
        done: list[Prepared] = []
        try:
            assert run.release is not None  # noqa: S101  # validated before
            called = callbacks(run.release)
            known = run.observed.history
            run.seen.others_waited = apply(
                context,
                session,
                pending,
                strong=strong,
                callbacks=called,
                known=known,
                done=done,
                tool=run.tool,
            )
        except (Failed, NeedsHuman) as error:
            if not session.connection.closed:
                books.ended(ENDINGS.get(error.exit_code, Outcome.FAILED).value, None, run.track.lines)
            raise
        except Refused as error:
            books.ended(Outcome.FAILED.value, None, run.track.lines)
            raise Failed(error.what, where=error.where, why=error.why, todo=error.todo) from error
        finally:
            note.programs = run.said()
            versions = [one.migration.version for one in done if one.migration.version]
            run.version_after = versions[-1] if versions else None
        run.seen.applied_digest = plan.digest_of([plan.executed(prepared.migration) for prepared in pending])
        run.seen.files = len(pending)
        run.version_after = run.version_after or run.observed.version
        note.summary = f"{len(pending)} applied"


def _open_books(run: Run, books: Books, rehearsal: Rehearsal) -> None:
    assert run.plan is not None and run.observed is not None  # noqa: S101, PT018
    run.touched = True
    try:
        open_marked(books, run.observed.identity, run.context.environment.name)
    except Refused:
        run.touched = False
        raise
    take_note(run.context, books.session, run.observed)
    books.begun(
        run.context.environment.name,
        release=run.plan.release_digest,
        plan=run.plan.digest,
        fingerprint=fingerprint(run.observed.snapshot),
        expected=fingerprint(_end(rehearsal)),
        journal=run.track.lines,
    )


def _verify(run: Run, session: Session, before: Before) -> Verified:
    with run.track.step("verify", "ask it what was asked before") as note:
        verified = verify(run.context, session, before, commands=True)
        run.seen.checks = note.summary = verified.summary
        return verified


def _conclude(run: Run, session: Session, rehearsal: Rehearsal, verified: Verified) -> None:
    with run.track.step("same-end", "compare its end with the rehearsal's") as note:
        end = snapshot_of(run.context, session)
        differences = summarise(diff(_end(rehearsal), end))
        run.seen.end_differences = differences
        run.fingerprint_after = fingerprint(end)
        good = not differences and not verified.failing
        books = run.context.books(session)
        books.ended(AS_REHEARSED[good].value, run.fingerprint_after, run.track.lines)
        if good:
            remember(run.context, session)
        note.summary = "different" if differences else "equal"
    if not good:
        failing = [f"{verdict.name}: {verdict.words}" for verdict in verified.failing]
        raise NeedsHuman(
            f"{run.shown} was migrated, but did not end as it was rehearsed",
            why="; ".join([*differences, *failing]),
            todo="the new schema stays, since writes may depend on it; decide to roll forward, or back by hand",
        )


def _end(rehearsal: Rehearsal) -> Snapshot:
    assert rehearsal.end is not None  # noqa: S101  # the gates let no other one pass
    return rehearsal.end
