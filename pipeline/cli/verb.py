"""What makes a function a verb: its arguments, the common options, one error boundary, an exit code."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from click import Argument, Choice, Command, Context, Option, Parameter
from click import Path as PathType

from pipeline.cli.voice import Format, Voice
from pipeline.errors import ExitCode, Interrupted, PipelineError

Body = Callable[..., ExitCode]
Word = TypeVar("Word", bound=str)

PATH = PathType(path_type=Path)


class Member(Choice[Word]):
    """A member of an enumeration of words, called by its value."""

    def normalize_choice(self, choice: object, ctx: Context | None) -> str:
        """What is typed for ``choice``."""
        return str(choice)


def environment_names(context: Context, _parameter: Parameter, begun: str) -> list[str]:
    """The environments whose names go on from what was ``begun``, for the completion of a shell."""
    from pipeline.config.load import load  # noqa: PLC0415  # --help must not pay for it

    try:
        project = load(context.params.get("config"), os.environ)
    except PipelineError:
        return []
    return [name for name in project.environments if name.startswith(begun)]


def environment_argument(meaning: str, *, required: bool = False) -> Argument:
    """ENV, which a shell can complete."""
    return Argument(
        ["environment"],
        required=required,
        metavar="ENV" if required else "[ENV]",
        help=meaning,
        shell_complete=environment_names,
    )


ENVIRONMENT = environment_argument("The environment; without it, the first live one.")
SOME = environment_argument("Only this environment; without it, all of them.")
NAMED = environment_argument("The environment.", required=True)
TO = Option(["--to"], metavar="VERSION", help="Stop after this version.")
YES = Option(["--yes", "-y"], is_flag=True, help="Do not ask.")

COMMON = (
    Option(
        ["--config", "-c"],
        type=PATH,
        envvar="PIPELINE_CONFIG",
        show_envvar=True,
        help="environments.yaml, or its path.",
    ),
    Option(
        ["--format"],
        type=Member(Format),
        default=Format.TEXT.value,
        show_default=True,
        envvar="PIPELINE_FORMAT",
        show_envvar=True,
        help="How to say the result.",
    ),
    Option(["--output"], type=PATH, help="Write the result to a file."),
    Option(["--quiet", "-q"], is_flag=True, help="No progress, only the result."),
    Option(["--verbose", "-v"], is_flag=True, help="Show where errors come from."),
    Option(["--no-color"], is_flag=True, help="No colour (also: NO_COLOR)."),
)
"""The options of every verb: the fields of its Voice."""


def verb(*own: Parameter) -> Callable[[Body], Command]:
    """Make ``body(voice, …)`` a command, which returns the exit code that ``body`` returns.

    It takes its ``own`` arguments and options, then the common ones; its docstring is its help.
    """

    def made(body: Body) -> Command:
        return Command(body.__name__, params=[*own, *COMMON], callback=partial(_call, body), help=body.__doc__)

    return made


def _call(body: Body, **values: Any) -> int:  # noqa: ANN401  # what click has parsed, each of its own type
    voice = Voice(**{option.name: values.pop(option.name) for option in COMMON})
    try:
        return int(body(voice, **values))
    except PipelineError as error:
        voice.error(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        voice.error(Interrupted("interrupted"))
        return int(ExitCode.INTERRUPTED)
