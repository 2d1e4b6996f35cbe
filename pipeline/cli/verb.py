"""What makes a function a verb: the common options, one error boundary, an exit code."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.voice import Format, Voice
from pipeline.errors import ExitCode, Interrupted, PipelineError

Body = Callable[..., ExitCode]

Environment = Annotated[
    str | None, typer.Argument(metavar="[ENV]", help="The environment; without it, the first live one.")
]
Some = Annotated[
    str | None, typer.Argument(metavar="[ENV]", help="Only this environment; without it, all of them.")
]
Named = Annotated[str, typer.Argument(metavar="ENV", help="The environment.")]
To = Annotated[str | None, typer.Option("--to", metavar="VERSION", help="Stop after this version.")]
OutputDir = Annotated[
    Path | None, typer.Option("--output-dir", help="Where evidence goes (default: evidence/ in the project).")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

COMMON: dict[str, tuple[Any, object]] = {
    "config": (
        Annotated[
            Path | None,
            typer.Option("--config", "-c", envvar="PIPELINE_CONFIG", help="environments.yaml, or its path."),
        ],
        None,
    ),
    "format": (
        Annotated[Format, typer.Option("--format", envvar="PIPELINE_FORMAT", help="How to say the result.")],
        Format.TEXT,
    ),
    "output": (Annotated[Path | None, typer.Option("--output", help="Write the result to a file.")], None),
    "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")], False),
    "verbose": (Annotated[bool, typer.Option("--verbose", "-v", help="Show where errors come from.")], False),
    "no_color": (Annotated[bool, typer.Option("--no-color", help="No colour (also: NO_COLOR).")], False),
}
"""The options of every verb: their types for typer, and their defaults."""


def verb(body: Body) -> Callable[..., None]:
    """Turn ``body(voice, …)`` into a typer command that ends with the exit code ``body`` returns."""
    own = list(inspect.signature(body, eval_str=True).parameters.values())[1:]
    common = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in COMMON.items()
    ]

    @wraps(body)
    def command(**values: Any) -> None:  # noqa: ANN401  # typer calls it with what it has parsed
        voice = Voice(**{name: values.pop(name) for name in COMMON})
        raise typer.Exit(_bounded(body, voice, values))

    parameters = [
        *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
        *common,
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _bounded(body: Body, voice: Voice, values: dict[str, Any]) -> int:
    try:
        return int(body(voice, **values))
    except PipelineError as error:
        voice.error(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        voice.error(Interrupted("interrupted"))
        return int(ExitCode.INTERRUPTED)
