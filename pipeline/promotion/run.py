"""One promotion, told as a story: prepare reads the target only, apply writes; the proof is what comes out."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline import __version__
from pipeline.backups.store import Store
from pipeline.config.project import ThrowawayDatabase
from pipeline.errors import ConfigurationError, Interrupted, PipelineError
from pipeline.findings import Finding, Severity
from pipeline.postgres import books
from pipeline.postgres.connect import Session
from pipeline.promotion import evidence, gates, plan
from pipeline.promotion.applying import apply_under_lock
from pipeline.promotion.drifting import judge_drift
from pipeline.promotion.earlier import cut_off
from pipeline.promotion.finishing import finish_what_was_cut_off
from pipeline.promotion.plan import Plan
from pipeline.promotion.rehearsing import rehearse_on_copy
from pipeline.promotion.request import Request
from pipeline.promotion.state import Run
from pipeline.proof import Evidence, Outcome
from pipeline.schema.digest import fingerprint
from pipeline.steps import ignoring
from pipeline.steps.drift import must_be_quiet
from pipeline.steps.identify import must_be_the_target
from pipeline.steps.observe import Observed, observe
from pipeline.steps.prepare import Prepared, lint_migrations, prepare
from pipeline.steps.release import must_be_readable, read_release
from pipeline.steps.required import not_passed
from pipeline.steps.runner import tool_of
from pipeline.steps.targets import opened, surroundings
from pipeline.steps.throwaway import throwaway


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
    found = lint_migrations(run.validated, run.pending)
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
                judge_drift(run, session, made, pending)
                _plan(run, pending)
                rehearsal = rehearse_on_copy(run, target, made, pending)
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
        run.tool = tool_of(run.context, run.validated)
        assert run.tool is not None  # noqa: S101  # the project wants it
        run.seen.unmeasured = f"applied by {run.tool.name} itself: its statements were not measured"
        run.must_pass(gates.measurable(run.seen.unmeasured, run.context.environment.require))
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
        run.must_pass(gates.role(identity, environment.role.allow, protected=environment.protected))
        note.summary = f"{run.shown}, PostgreSQL {identity.server_version}, as {identity.role}"
    with run.track.step("observe", "read its history and shape") as note:
        observed = observe(run.context, session, run.release, to=run.request.to)
        run.observed = observed
        run.findings += ignoring.told(run.context, observed.ignored)
        problems = gates.history(observed.states, observed.cut_off)
        if problems:  # a migration that the real tool is at, at this moment, looks like one that failed
            must_be_quiet(run.context, session, identity, history=observed.history)
        run.must_pass(problems)
        run.pending = observed.to_apply
        run.findings += _resumed(run, observed)
        if run.pending:
            run.must_pass(gates.rights(observed.identity, schema_there=books.schema_there(session)))
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
        found = lint_migrations(run.validated, run.pending)
        run.must_pass(found)
        note.summary = f"{len(found)} findings" if found else "no findings"
        return tuple(prepare(migration, by_tool=run.tool is not None) for migration in run.pending)


def _requires(run: Run) -> None:
    names = run.context.environment.requires
    if not names:
        return
    with run.track.step("requires", f"has it passed {', '.join(names)}?") as note:
        run.must_pass(gates.passed(not_passed(run.context, run.validated, run.pending)))
        note.summary = ", ".join(names)


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


def _prune(run: Run) -> None:
    settings = run.context.environment.backup
    with run.track.step("prune", f"drop backups older than {settings.keep.days} days") as note:
        try:
            gone = Store(settings.store).prune(settings.keep, datetime.now(UTC))
        except (PipelineError, OSError) as error:
            run.findings.append(Finding("prune", Severity.WARNING, f"old backups were not dropped: {error}"))
            return
        note.summary = f"{len(gone)} dropped"


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
