"""The middle of a promotion: a copy of the target from its own backup, and the release played through on it."""

from collections.abc import Sequence

from pipeline.postgres.target import Target
from pipeline.promotion import gates, plan
from pipeline.promotion.claims import all_measured, claims, excesses
from pipeline.promotion.drifting import drift_again
from pipeline.promotion.state import Run
from pipeline.steps.back_up import back_up
from pipeline.steps.parity import compare_copy
from pipeline.steps.prepare import Prepared, callbacks
from pipeline.steps.rehearse import Rehearsal, rehearse
from pipeline.steps.restore import Copy, restore, run_files
from pipeline.steps.throwaway import Throwaway
from pipeline.steps.verify import Before, ask_before, verify


def rehearse_on_copy(run: Run, target: Target, made: Throwaway, pending: Sequence[Prepared]) -> Rehearsal:
    """Back up, restore, compare, rehearse, ask, judge. Raises what the steps raise, Refused by a gate."""
    copy = _make_copy(run, target, made)
    assert run.observed is not None and run.plan is not None  # noqa: S101, PT018
    with run.context.session(copy.target) as session:
        before = ask_before(run.context, session)
    with run.track.step("rehearse", "rehearse every migration up, down, up") as note:
        called = callbacks(run.validated)
        try:
            rehearsal = rehearse(
                run.context, copy, pending, observed=run.observed, callbacks=called, tool=run.tool
            )
        finally:
            note.programs = run.said()
        run.seen.rehearsal = rehearsal
        run.seen.prove = frozenset(run.context.rehearse.rollback.prove)
        run.seen.rehearsed_digest = plan.digest_of(
            [plan.executed(one.migration) for one in rehearsal.migrations]
        )
        run.seen.hold_limit = run.context.limits.hold
        run.seen.excesses = excesses(
            all_measured(rehearsal), limits=run.context.limits, budgets=run.context.rehearse.budgets
        )
        run.findings += gates.rewrites(all_measured(rehearsal), run.context.rehearse.budgets)
        note.summary = f"{len(rehearsal.migrations)} of {len(pending)} migrations"
    if rehearsal.end is not None:
        _check(run, copy, before)
    with run.track.step("gates", "may it pass?") as note:
        required = set(run.context.environment.require) & gates.KNOWN_BEFORE_APPLY
        made_so_far = claims(run.seen, stopped_at="gates")
        incomplete = gates.rehearsed_to_the_end(complete=rehearsal.end is not None)
        moved = drift_again(run, rehearsal, pending)
        run.must_pass((*gates.claims(made_so_far, required), *incomplete, *moved))
        note.summary = f"{len(required)} required claims hold"
    return rehearsal


def _make_copy(run: Run, target: Target, made: Throwaway) -> Copy:
    assert run.observed is not None  # noqa: S101  # observed before
    with run.track.step("backup", "take a backup with pg_dump") as note:
        taken = back_up(run.context, target)
        run.seen.backup = taken.backup.name
        run.seen.backup_bytes = taken.backup.bytes
        run.seen.copy_taken_at = taken.taken_at
        note.summary = f"{taken.shown(run.context.project.root)}, {taken.backup.bytes / 1024:.0f} KiB"
    with run.track.step("throwaway", "start a throwaway server") as note:
        server = made.server()
        run.seen.on_memory = server.on_memory
        note.summary = server.where
    with run.track.step("restore", "restore that backup into it") as note:
        copy, run.seen.restore_seconds = restore(run.context, server, taken, run.observed, "rehearsal")
        note.summary = f"{run.seen.restore_seconds:.1f} s"
    with run.track.step("parity", "compare the copy with the original") as note:
        run.seen.parity = compare_copy(run.context, copy, taken, run.observed)
        run.must_pass(gates.parity(run.seen.parity.differences))
        note.summary = f"{run.seen.parity.tables_compared} tables, {run.seen.parity.rows_compared} rows equal"
    settings = run.context.rehearse
    if settings.prepare or settings.seed:
        with run.track.step("seed", "run the project's own files on the copy"):
            run_files(run.context, copy, settings.prepare, what="prepare")
            run_files(run.context, copy, settings.seed, what="seed")
    return copy


def _check(run: Run, copy: Copy, before: Before) -> None:
    with run.track.step("check", "ask the copy what will be asked of the target") as note:
        with run.context.session(copy.target) as session:
            verified = verify(run.context, session, before, commands=False)
        note.summary = verified.summary
        run.must_pass(gates.checks(verified.failing))
