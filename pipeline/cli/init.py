"""``pipeline init``: a working project to start from."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from click import Argument, Option

from pipeline.cli.verb import PATH, Member, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ConfigurationError, ExitCode


class Layout(StrEnum):
    """Whose layout the migrations have."""

    FLYWAY = "flyway"
    PRISMA = "prisma"
    GOLANG_MIGRATE = "golang-migrate"


LAYOUT = Member(Layout)
FOLDER = Argument(
    ["folder"], type=PATH, default=".", metavar="[DIR]", help="Where to write (default: this folder)."
)
CHOSEN = Option(
    ["--layout"],
    type=LAYOUT,
    default=Layout.FLYWAY.value,
    show_default=True,
    help="Whose layout the migrations have.",
)
PROJECT = Option(["--project"], metavar="NAME", help="The project's name (default: the folder's).")


@verb(FOLDER, CHOSEN, PROJECT)
def init(voice: Voice, folder: Path, *, layout: Layout, project: str | None) -> ExitCode:
    """Write environments.yaml and a first migration with its way back; overwrites nothing."""
    from pipeline.steps.scaffold import scaffold  # noqa: PLC0415  # --help must not pay for it

    name = project or _named_after(folder)
    files = scaffold(layout.value, name, datetime.now(UTC))
    there = [path for path in files if (folder / path).exists() and path != ".gitignore"]
    if there:
        raise ConfigurationError(
            f"{there[0]} is already there", where=str(folder), todo="choose an empty folder, or remove the file"
        )
    for path, text in files.items():
        _write(folder / path, text)
    listed = "\n".join(f"  {path}" for path in files)
    voice.result(
        f"✓ {name}: written\n{listed}\nnext: pipeline promote prod",
        {"project": name, "layout": layout.value, "files": list(files)},
    )
    return ExitCode.OK


def _named_after(folder: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", folder.resolve().name).strip("-")
    return name if name[:1].isalpha() else f"app-{name}".rstrip("-")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name == ".gitignore" and path.exists():
        have = path.read_text(encoding="utf-8")
        missing = [line for line in text.splitlines() if line not in have.splitlines()]
        text = (
            have + ("" if have.endswith("\n") or not have else "\n") + "".join(f"{line}\n" for line in missing)
        )
    path.write_text(text, encoding="utf-8")
