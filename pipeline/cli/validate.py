"""``pipeline validate [ENV]``: are the files in order, and what was applied from them still what they say?"""

from dataclasses import asdict

from pipeline.cli import runs
from pipeline.cli.verb import SOME, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode


@verb(SOME)
def validate(voice: Voice, environment: str | None) -> ExitCode:
    """Hold the files against the ledger of ENV, or look at the files alone; exit 3 when they do not agree."""
    from pipeline.reports.screen import finding_lines  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps.look import look  # noqa: PLC0415
    from pipeline.steps.release import read_release  # noqa: PLC0415

    reading = read_release(voice.project())
    states = look(runs.context(voice, environment), reading.release).states if environment else ()
    findings = (*reading.findings, *(state.finding for state in states if state.finding is not None))
    refusing = [finding for finding in findings if finding.refuses]
    lines = finding_lines(findings)
    lines.append(
        f"{'✗' if refusing else '✓'} {len(reading.release.migrations)} migrations"
        f"{f' against {environment}' if environment else ''}, {len(refusing)} problems"
    )
    voice.result(
        "\n".join(lines),
        {
            "environment": environment,
            "migrations": len(reading.release.migrations),
            "findings": [asdict(finding) for finding in findings],
        },
    )
    return ExitCode.REFUSED if refusing else ExitCode.OK
