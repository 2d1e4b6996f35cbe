"""``pipeline migrate ENV``: apply pending migrations to an unprotected environment."""

from dataclasses import asdict

from pipeline.cli.runs import request
from pipeline.cli.verb import NAMED, TO, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode


@verb(NAMED, TO)
def migrate(voice: Voice, environment: str, *, to: str | None) -> ExitCode:
    """Apply what is pending, without a rehearsal; refused for a protected environment."""
    from pipeline.promotion import migrate as act  # noqa: PLC0415  # --help must not pay for it
    from pipeline.reports.screen import finding_lines  # noqa: PLC0415

    done = act.migrate(request(voice, environment, to=to))
    lines = finding_lines(done.findings)
    lines.append(
        f"MIGRATED  {environment} ({done.target})  {len(done.applied)} applied, now at {done.version}"
        if done.applied
        else f"NOTHING TO DO  {environment} ({done.target})  at {done.version or 'no version'}"
    )
    voice.result("\n".join(lines), lambda: {"environment": environment, **asdict(done)})
    return ExitCode.OK
