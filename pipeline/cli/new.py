"""``pipeline new NAME``: the next migration's files, in the style of those that are there."""

from datetime import UTC, datetime

from click import Argument

from pipeline.cli.verb import verb
from pipeline.cli.voice import Voice
from pipeline.errors import ConfigurationError, ExitCode

NAME = Argument(["name"], metavar="NAME", help="What it changes, in a few words.")

UP = "-- One change. What it was before belongs into {down}.\n"
DOWN = "-- Takes {up} back.\n"


@verb(NAME)
def new(voice: Voice, name: str) -> ExitCode:
    """Write the next migration's script and the one that takes it back; both are yours to fill."""
    from pipeline.formats import FORMATS  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps.release import home_of, options_of, read_release  # noqa: PLC0415

    project = voice.project()
    migrations = project.migrations
    release = read_release(project).release
    made = FORMATS[migrations.format].next_files(release, name, datetime.now(UTC), options_of(project))
    home = home_of(project, release)
    up, down = (project.root / home / path for path in made)
    for path in (up, down):
        if path.exists():
            raise ConfigurationError(f"{path.name} is already there", where=str(path.parent))
    up.parent.mkdir(parents=True, exist_ok=True)
    up.write_text(UP.format(down=down.name), encoding="utf-8")
    down.write_text(DOWN.format(up=up.name), encoding="utf-8")
    shown = [f"{home}/{path}" for path in made]
    voice.result("\n".join(f"✓ {path}" for path in shown), {"files": shown})
    return ExitCode.OK
