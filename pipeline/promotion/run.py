"""One promotion, told as a story: prepare reads the target only, apply writes; the proof is what comes out."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline import __version__
from pipeline.backups.store import Store
from pipeline.config.project import ThrowawayDatabase
from pipeline.errors import ConfigurationError, Interrupted, PipelineError
from pipeline.findings import Evidence, Finding, Outcome, Severity
from pipeline.formats.interface import Release
from pipeline.postgres import books
from pipeline.postgres.connect import Session
from pipeline.postgres.target import Target
from pipeline.promotion import evidence, gates, plan
from pipeline.promotion.applying import apply_under_lock
from pipeline.promotion.claims import all_measured, claims, excesses
from pipeline.promotion.earlier import cut_off
from pipeline.promotion.finishing import finish_what_was_cut_off
from pipeline.promotion.plan import Plan
from pipeline.promotion.request import Request
from pipeline.promotion.state import Run
from pipeline.schema.diff import Difference
from pipeline.schema.digest import fingerprint
from pipeline.schema.words import summarise
from pipeline.steps import ignoring
from pipeline.steps.back_up import back_up
from pipeline.steps.drift import Drift, look_for_drift, must_be_quiet
from pipeline.steps.identify import must_be_the_target
from pipeline.steps.observe import Observed, observe
from pipeline.steps.parity import compare_copy
from pipeline.steps.rehearse import Rehearsal, rehearse
from pipeline.steps.release import (
    Prepared,
    callbacks,
    lint_migrations,
    must_be_readable,
    prepare,
    read_release,
)
from pipeline.steps.required import not_passed
from pipeline.steps.restore import Copy, restore, run_files
from pipeline.steps.targets import opened, surroundings
from pipeline.steps.throwaway import Throwaway, throwaway
from pipeline.steps.tool import tool_of
from pipeline.steps.touched import Touched, by_rehearsal, by_scripts, touching
from pipeline.steps.verify import Before, ask_before, verify


def promote(request: Request) -> Evidence:
    """Promote, or for a throwaway environment rehearse, and return the proof.

    The evidence says how it ended and with which exit code: errors of the run are in it (``stopped``), and
    whatever was seen until then. Raises ConfigurationError where the request itself makes no sense.
    """
    run = Run.of(request, _destination(request))
    run.track.begun(environment=run.context.environment.name, release_to=request.to)
    try:
        run.outcome = _go(run, rehearse_only=run.context.environment.name != request.environment)
    except PipelineError as error:
        run.stop(error)
    except KeyboardInterrupt:
        run.stop(_interrupted(run))
    except Exception as error:
        run.stop(_defect(error))
        _written(run)
        raise
    return _written(run)


def _written(run: Run) -> Evidence:
    made = run.evidence()
    run.track.ended(made.outcome.value, made.exit_code)
    if made.outcome is not Outcome.NOTHING_TO_DO:
        evidence.write(made, run.request.evidence_folder)
    return made


def preview(request: Request) -> tuple[Plan, tuple[Finding, ...], str]:
    """What ``promote`` would do, what the rules say of it, and to which target. Reads only.

    Raises what the steps raise: Refused for a release or history that cannot be promoted at all.
    """
    run = Run.of(request, _destination(request), journaled=False)
    _validate(run)
    with opened(run.context) as target:
        run.shown = target.shown
        with run.context.session(target) as session:
            _connect(run, session)
    found = lint_migrations(_release(run), run.pending)
    run.findings += found
    readable = () if any(one.rule == "unreadable-sql" for one in found) else run.pending
    by_tool = run.context.project.migrations.by_tool
    made = _plan(run, [prepare(migration, by_tool=by_tool) for migration in readable])
    return made, tuple(run.findings), f"{request.environment} ({run.shown})"


def _destination(request: Request) -> str:
    """The environment whose database a run is about: a throwaway one rehearses for the next live one."""
    project = request.project
    if not isinstance(project.environment(request.environment).database, ThrowawayDatabase):
        return request.environment
    names = list(project.environments)
    for name in names[names.index(request.environment) + 1 :]:
        if not isinstance(project.environments[name].database, ThrowawayDatabase):
            return name
    raise ConfigurationError(
        f"there is no environment after {request.environment!r} to rehearse for",
        where=str(project.file),
        todo="add an environment with a database behind it",
    )


def _go(run: Run, *, rehearse_only: bool) -> Outcome:
    _validate(run)
    _find_tool(run)
    with opened(run.context) as target:
        run.shown = target.shown
        with run.context.session(target) as session:
            _connect(run, session)
            if not run.pending:
                return finish_what_was_cut_off(run, session)
            with throwaway(run.context, session.major) as made:
                made.begin()
                pending = _lint(run)
                _requires(run)
                _drift(run, session, made, pending)
                _plan(run, pending)
                rehearsal = _rehearse(run, target, made, pending)
        if rehearse_only:
            return Outcome.REHEARSED
        apply_under_lock(run, target, pending, rehearsal)
        _prune(run)
    return Outcome.PROMOTED


def _validate(run: Run) -> None:
    with run.track.step("validate", "read the migrations") as note:
        reading = read_release(run.context.project, surroundings(run.context))
        run.findings += reading.findings
        must_be_readable(reading.findings)
        run.release = reading.release
        note.summary = f"{len(reading.release.migrations)} migrations, {reading.release.digest[:19]}"


def _find_tool(run: Run) -> None:
    """Where the real tool is to apply the migrations: it is here, and nobody requires what it cannot show."""
    if not run.context.project.migrations.by_tool:
        return
    with run.track.step("runner", "find the program that applies the migrations") as note:
        run.tool = tool_of(run.context, _release(run))
        assert run.tool is not None  # noqa: S101  # the project wants it
        run.seen.unmeasured = f"applied by {run.tool.name} itself: its statements were not measured"
        _pass(run, gates.measurable(run.seen.unmeasured, run.context.environment.require))
        note.summary = str(run.tool.program.path)


def _connect(run: Run, session: Session) -> None:
    assert run.release is not None  # noqa: S101  # validated before
    with run.track.step("connect", f"connect to {run.context.environment.name} and identify it") as note:
        identity = must_be_the_target(run.context, session)
        if run.tool is not None:
            run.tool.must_reach(session)
        run.settings = session.settings
        environment = run.context.environment
        run.findings += gates.pinned(environment, run.context.project.pins)
        _pass(run, gates.role(identity, environment.role.allow, protected=environment.protected))
        note.summary = f"{run.shown}, PostgreSQL {identity.server_version}, as {identity.role}"
    with run.track.step("observe", "read its history and shape") as note:
        observed = observe(run.context, session, run.release, to=run.request.to)
        run.observed = observed
        run.findings += ignoring.told(run.context, observed.ignored)
        problems = gates.history(observed.states, observed.cut_off)
        if problems:  # a migration that the real tool is at, at this moment, looks like one that failed
            must_be_quiet(run.context, session, identity, history=observed.history)
        _pass(run, problems)
        run.pending = observed.to_apply
        run.findings += _resumed(run, observed)
        if run.pending:
            _pass(run, gates.rights(observed.identity, schema_there=books.schema_there(session)))
        note.summary = f"at {observed.version or 'no version'}, {len(run.pending)} pending"


def _resumed(run: Run, observed: Observed) -> tuple[Finding, ...]:
    """What an earlier run left to do, in words: whether this one continues it or starts anew."""
    half = observed.unfinished
    if half is not None:
        return gates.continued(half.run_id, done=half.applied, left=len(run.pending))
    name = run.context.environment.name
    earlier = cut_off(run.request.runs, name, but=run.request.run_id)
    return gates.restarted(earlier.run_id, earlier.step) if earlier and run.pending else ()


def _lint(run: Run) -> tuple[Prepared, ...]:
    with run.track.step("lint", "judge the pending files") as note:
        found = lint_migrations(_release(run), run.pending)
        _pass(run, found)
        note.summary = f"{len(found)} findings" if found else "no findings"
        return tuple(prepare(migration, by_tool=run.tool is not None) for migration in run.pending)


def _requires(run: Run) -> None:
    names = run.context.environment.requires
    if not names:
        return
    with run.track.step("requires", f"has it passed {', '.join(names)}?") as note:
        _pass(run, gates.passed(not_passed(run.context, _release(run), run.pending)))
        note.summary = ", ".join(names)


def _drift(run: Run, session: Session, made: Throwaway, pending: Sequence[Prepared]) -> None:
    assert run.observed is not None  # noqa: S101  # observed before
    with run.track.step("drift", f"compare {run.context.environment.name} with what it should be") as note:
        drift = look_for_drift(run.context, session, run.observed, made.server)
        run.drift = drift
        _pass(run, gates.unknown_drift(drift.unknown))
        blocking = _blocking(run, drift, by_scripts(pending))
        beside = summarise(one for one in drift.moved if one not in blocking)
        _pass(run, (*_drift_findings(run, blocking), *gates.drift_beside(beside)))
        found = f"{len(drift.moved)} differences, of" if drift.moved else "as expected:"
        note.summary = f"{found} {drift.compared} objects ({drift.source})"


def _blocking(run: Run, drift: Drift, touched: Touched) -> tuple[Difference, ...]:
    """The drift that counts for this release (``drift.scope``)."""
    if run.context.environment.drift.scope == "all":
        return drift.moved
    return touching(drift.moved, touched, expected=drift.expected, live=drift.live)


def _drift_findings(run: Run, blocking: Sequence[Difference]) -> tuple[Finding, ...]:
    return gates.drift(summarise(blocking), run.context.environment.drift)


def _drift_again(run: Run, rehearsal: Rehearsal, pending: Sequence[Prepared]) -> tuple[Finding, ...]:
    """The drift that only the rehearsal showed to be in the way: it was changed or locked there."""
    if run.drift is None:
        return ()
    known = _blocking(run, run.drift, by_scripts(pending))
    late = [one for one in _blocking(run, run.drift, by_rehearsal(rehearsal)) if one not in known]
    return _drift_findings(run, late)


def _plan(run: Run, pending: Sequence[Prepared]) -> Plan:
    assert run.observed is not None and run.release is not None  # noqa: S101, PT018
    with run.track.step("plan", "make the plan") as note:
        observed = run.observed
        run.plan = plan.make(
            tool_version=__version__,
            release=run.release,
            configuration={
                "schemas": ",".join(run.context.schemas),
                "out_of_order": run.context.project.migrations.out_of_order,
            },
            start=plan.Start(
                fingerprint=fingerprint(observed.snapshot),
                server_major=observed.identity.major,
                extensions=observed.extensions,
                history=plan.history_of(observed.history),
            ),
            pending=[(prepared.migration, prepared.up) for prepared in pending],
        )
        note.summary = f"{len(pending)} migrations, {run.plan.digest[:19]}"
        return run.plan


def _rehearse(run: Run, target: Target, made: Throwaway, pending: Sequence[Prepared]) -> Rehearsal:
    copy = _make_copy(run, target, made)
    assert run.observed is not None and run.plan is not None  # noqa: S101, PT018
    with run.context.session(copy.target) as session:
        before = ask_before(run.context, session)
    with run.track.step("rehearse", "rehearse every migration up, down, up") as note:
        called = callbacks(_release(run))
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
        moved = _drift_again(run, rehearsal, pending)
        _pass(run, (*gates.claims(made_so_far, required), *incomplete, *moved))
        note.summary = f"{len(required)} required claims hold"
    return rehearsal


def _check(run: Run, copy: Copy, before: Before) -> None:
    with run.track.step("check", "ask the copy what will be asked of the target") as note:
        with run.context.session(copy.target) as session:
            verified = verify(run.context, session, before, commands=False)
        note.summary = verified.summary
        _pass(run, gates.checks(verified.failing))


def _prune(run: Run) -> None:
    settings = run.context.environment.backup
    with run.track.step("prune", f"drop backups older than {settings.keep.days} days") as note:
        try:
            gone = Store(settings.store).prune(settings.keep, datetime.now(UTC))
        except (PipelineError, OSError) as error:
            run.findings.append(Finding("prune", Severity.WARNING, f"old backups were not dropped: {error}"))
            return
        note.summary = f"{len(gone)} dropped"


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
        _pass(run, gates.parity(run.seen.parity.differences))
        note.summary = f"{run.seen.parity.tables_compared} tables, {run.seen.parity.rows_compared} rows equal"
    settings = run.context.rehearse
    if settings.prepare or settings.seed:
        with run.track.step("seed", "run the project's own files on the copy"):
            run_files(run.context, copy, settings.prepare, what="prepare")
            run_files(run.context, copy, settings.seed, what="seed")
    return copy


def _pass(run: Run, found: Sequence[Finding]) -> None:
    """Keep the findings; raise Refused when one of them closes the way."""
    run.findings += found
    must_be_readable(found)


def _release(run: Run) -> Release:
    assert run.release is not None  # noqa: S101  # validate is the first step
    return run.release


def _defect(error: Exception) -> PipelineError:
    return PipelineError(
        f"a defect of pipeline: {type(error).__name__}",
        todo="report it with what was printed; then run again: what was done is read from the target",
    )


def _interrupted(run: Run) -> Interrupted:
    return Interrupted(
        "interrupted",
        why="a signal asked us to stop",
        todo="run again: it goes on from what the ledger and the catalog say"
        if run.touched
        else "run again; the target is unchanged",
    )
