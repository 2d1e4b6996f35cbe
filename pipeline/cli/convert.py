"""``pipeline convert --to FORMAT DIR``: the same migrations in another tool's layout."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from click import Argument, Option

from pipeline.cli.init import LAYOUT, Layout
from pipeline.cli.verb import PATH, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.config.project import Project
    from pipeline.steps.convert import Written

FOLDER = Argument(["folder"], type=PATH, metavar="DIR", help="Where to write: a folder that is new, or empty.")
TARGET = Option(["--to"], type=LAYOUT, required=True, help="Whose layout the migrations shall have.")

LEFT_OUT = "(left out)"


@verb(FOLDER, TARGET)
def convert(voice: Voice, folder: Path, *, to: Layout) -> ExitCode:
    """Write the migrations once more, in another tool's layout, into DIR; nothing else is changed.

    Versions are kept where that layout has room for them. Refused where something would be lost. For each live
    environment, `pipeline baseline` takes the history over afterwards.
    """
    from pipeline.reports.screen import finding_line  # noqa: PLC0415  # --help must not pay for it
    from pipeline.reports.table import table  # noqa: PLC0415
    from pipeline.steps.convert import write  # noqa: PLC0415

    project = voice.project()
    written = write(project, to.value, folder.absolute())
    moved = written.converted.moved
    rows = [(one.old.script, one.label or LEFT_OUT, ", ".join(one.files)) for one in moved]
    there = sum(one.label is not None for one in moved)
    todo = _todo(project, written, to.value)
    lines = [
        table((project.migrations.format, "version", to.value), rows),
        *map(finding_line, written.findings),
        f"✓ {there} migrations in {folder}",
        *(f"to do: {line}" for line in todo),
    ]
    voice.result(
        "\n".join(lines),
        {
            "from": project.migrations.format,
            "to": to.value,
            "folder": str(folder),
            "migrations": [
                {"from": one.old.script, "from_version": one.old.version, "to": one.label, "files": one.files}
                for one in moved
            ],
            "options": dict(written.converted.options),
            "findings": [asdict(finding) for finding in written.findings],
            "todo": todo,
        },
    )
    return ExitCode.OK


def _todo(project: "Project", written: "Written", to: str) -> list[str]:
    from pipeline.config.project import ThrowawayDatabase  # noqa: PLC0415

    root = project.root.resolve()
    place = written.place.resolve()
    path = place.relative_to(root) if place.is_relative_to(root) else place
    options = ", ".join(f"{name}: {str(value).lower()}" for name, value in written.converted.options.items())
    said = f"options: {{{options}}}" if options else "no options" if project.migrations.options else ""
    lasting = [one for one in project.environments.values() if not isinstance(one.database, ThrowawayDatabase)]
    settings = [f"format: {to}", f"path: {path}", *([said] if said else [])]
    return [
        f"in {project.file.name}, under migrations: {', '.join(settings)}",
        *(f"pipeline baseline {one.name}" for one in lasting),
        "see `pipeline status`: what ran counts as applied, the next migration goes on from there",
    ]
