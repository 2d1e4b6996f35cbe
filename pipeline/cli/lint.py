"""``pipeline lint``: what the rules say about the files, without any database."""

from dataclasses import asdict

from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode


def lint(voice: Voice) -> ExitCode:
    """Judge the migration files; exit 3 when a finding closes the way."""
    from pipeline.reports.screen import finding_line  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps.release import lint_migrations, read_release  # noqa: PLC0415

    reading = read_release(voice.project())
    findings = (*reading.findings, *lint_migrations(reading.release, reading.release.migrations))
    refusing = [finding for finding in findings if finding.refuses]
    lines = [finding_line(finding) + (f"\n    {finding.hint}" if finding.hint else "") for finding in findings]
    lines.append(
        f"{'✗' if refusing else '✓'} {len(reading.release.migrations)} migrations, {len(findings)} findings,"
        f" {len(refusing)} of them errors"
    )
    voice.result("\n".join(lines), {"findings": [asdict(finding) for finding in findings]})
    return ExitCode.REFUSED if refusing else ExitCode.OK
