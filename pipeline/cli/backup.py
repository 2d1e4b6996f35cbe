"""``pipeline backup ENV``: a backup on its own."""

from pipeline.cli.runs import context
from pipeline.cli.verb import ENVIRONMENT, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode


@verb(ENVIRONMENT)
def backup(voice: Voice, environment: str | None) -> ExitCode:
    """Dump an environment into its store, with a manifest of what it held at that instant."""
    from pipeline.steps.back_up import back_up  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps.targets import opened  # noqa: PLC0415

    asked = context(voice, environment)
    with opened(asked) as target:
        taken = back_up(asked, target)
    rows = sum(table.count for table in taken.rows.values())
    shown = taken.shown(asked.project.root)
    voice.result(
        f"✓ {shown}  {taken.backup.manifest.bytes / 1024:.0f} KiB, {len(taken.rows)} tables, {rows:,} rows;"
        " not restored (a promotion does that)",
        {
            "environment": asked.environment.name,
            "backup": shown,
            "bytes": taken.backup.manifest.bytes,
            "sha256": taken.backup.manifest.sha256,
            "tables": len(taken.rows),
            "rows": rows,
        },
    )
    return ExitCode.OK
