"""``pipeline status [ENV]``: one table over all environments."""

from dataclasses import replace
from typing import TYPE_CHECKING

from click import Option

from pipeline.cli import runs
from pipeline.cli.verb import SOME, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ConfigurationError, ExitCode, PipelineError, Unavailable

if TYPE_CHECKING:
    from pipeline.formats.model import Release
    from pipeline.reports.status import EnvironmentStatus
    from pipeline.steps.context import Context

EXIT_CODE = Option(["--exit-code"], is_flag=True, help="Exit 2 when migrations are pending anywhere shown.")


@verb(SOME, EXIT_CODE)
def status(voice: Voice, environment: str | None, *, exit_code: bool) -> ExitCode:
    """Show every migration in the format's own word for its state, over all live environments.

    Exit 3 where the history has a problem, and where `drift.interval` is set and the last check that found
    no drift is older than two intervals.
    """
    from pipeline.config.project import ThrowawayDatabase  # noqa: PLC0415  # --help must not pay for it
    from pipeline.reports import status as report  # noqa: PLC0415
    from pipeline.steps.release import must_be_showable, read_release  # noqa: PLC0415
    from pipeline.steps.targets import surroundings  # noqa: PLC0415

    context = runs.context(voice, environment)
    reading = read_release(context.project, surroundings(context))
    must_be_showable(reading.findings)
    shown = [context.environment] if environment else context.project.environments.values()
    if environment and isinstance(context.environment.database, ThrowawayDatabase):
        raise ConfigurationError(
            f"{environment} is a throwaway: it lives for one run and has no history", todo="pipeline status"
        )
    live = [one for one in shown if not isinstance(one.database, ThrowawayDatabase)]
    statuses = [_look(replace(context, environment=one), reading.release) for one in live]
    voice.result(report.text(statuses), lambda: report.document(statuses))
    if any(one.error for one in statuses):
        return ExitCode.UNAVAILABLE
    if any(one.problems or (one.watch and one.watch.alarm) for one in statuses):
        return ExitCode.REFUSED
    return ExitCode.DIFFERS if exit_code and any(one.pending for one in statuses) else ExitCode.OK


def _look(context: "Context", release: "Release") -> "EnvironmentStatus":
    from pipeline.reports.status import EnvironmentStatus  # noqa: PLC0415
    from pipeline.steps import heartbeat  # noqa: PLC0415
    from pipeline.steps.look import look  # noqa: PLC0415

    name, watch = context.environment.name, heartbeat.watch(context)
    try:
        seen = look(context, release)
    except Unavailable as error:
        return EnvironmentStatus(name, "", error=_said(error), watch=watch)
    return EnvironmentStatus(name, seen.shown, states=seen.states, in_flight=seen.in_flight, watch=watch)


def _said(error: PipelineError) -> str:
    return f"{error.what}: {error.why}" if error.why else error.what
