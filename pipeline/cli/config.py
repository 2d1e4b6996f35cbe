"""``pipeline config show|schema``: what the file means, and what it may say."""

import json
from typing import TYPE_CHECKING

from click import Group

from pipeline.cli.verb import verb
from pipeline.cli.voice import Format, Voice
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.config.project import Environment


@verb()
def show(voice: Voice) -> ExitCode:
    """Show the project as it is understood, with every default; references stay references."""
    project = voice.project()
    document: dict[str, object] = {
        "project": project.project,
        "file": str(project.file),
        "migrations": {
            "format": project.migrations.format,
            "path": project.migrations.shown,
            "schemas": list(project.migrations.schemas),
        },
        "environments": {name: _environment(one) for name, one in project.environments.items()},
    }
    lines = [f"{project.project}  {project.migrations.format} in {project.migrations.shown}"]
    lines += [
        f"  {name}: {one.database}{'  protected' if one.protected else ''}"
        for name, one in project.environments.items()
    ]
    voice.result("\n".join(lines), document)
    return ExitCode.OK


@verb()
def schema(voice: Voice) -> ExitCode:
    """Print the JSON Schema of environments.yaml, for editors."""
    from pipeline.config.schema import json_schema  # noqa: PLC0415  # --help must not pay for it

    made = json_schema()
    text = json.dumps(made, indent=2, ensure_ascii=False)
    Voice.result(Voice(None, Format.TEXT, voice.output, voice.quiet, voice.verbose, no_color=True), text, {})
    return ExitCode.OK


def _environment(environment: "Environment") -> dict[str, object]:
    return {
        "database": str(environment.database),
        "protected": environment.protected,
        "requires": list(environment.requires),
        "require": [claim.value for claim in environment.require],
    }


config = Group("config", commands=[show, schema], help="What environments.yaml means, and what it may say.")
