"""``pipeline lint [ENV]``: what the rules say about the files; without an environment, about all of them."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from pipeline.cli import runs
from pipeline.cli.verb import environment_argument, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.formats.model import Migration, Release

PENDING = environment_argument("Only what is pending there; without it, every file.")


@verb(PENDING)
def lint(voice: Voice, environment: str | None) -> ExitCode:
    """Judge the migration files; exit 3 when a finding closes the way."""
    from pipeline.reports.screen import finding_line  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps.prepare import lint_migrations  # noqa: PLC0415
    from pipeline.steps.release import read_release  # noqa: PLC0415

    reading = read_release(voice.project())
    judged = _pending(voice, environment, reading.release) if environment else reading.release.migrations
    findings = (*reading.findings, *lint_migrations(reading.release, judged))
    refusing = [finding for finding in findings if finding.refuses]
    lines = [finding_line(finding) + (f"\n    {finding.hint}" if finding.hint else "") for finding in findings]
    lines.append(
        f"{'✗' if refusing else '✓'} {len(judged)} migrations, {len(findings)} findings,"
        f" {len(refusing)} of them errors"
    )
    voice.result(
        "\n".join(lines),
        {"migrations": len(judged), "findings": [asdict(finding) for finding in findings]},
    )
    return ExitCode.REFUSED if refusing else ExitCode.OK


def _pending(voice: Voice, environment: str, release: "Release") -> "Sequence[Migration]":
    from pipeline.formats.model import Disposition  # noqa: PLC0415
    from pipeline.steps.look import look  # noqa: PLC0415

    seen = look(runs.context(voice, environment), release)
    return [
        state.migration
        for state in seen.states
        if state.disposition is Disposition.PENDING and state.migration is not None
    ]
