"""How one call speaks: results on stdout (text, or exactly one JSON document), all else on stderr."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ConfigurationError, PipelineError, Unavailable

if TYPE_CHECKING:
    from pipeline.config.project import Project
    from pipeline.progress import Listener

SCHEMA_VERSION = 1


class Format(StrEnum):
    """What a result looks like."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Voice:
    """The options that every verb has, and what follows from them."""

    config: Path | None
    format: Format
    output: Path | None
    quiet: bool
    verbose: bool
    no_color: bool

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the process."""
        return os.environ

    @property
    def colour(self) -> bool:
        """Whether stdout is a terminal that may be coloured."""
        return sys.stdout.isatty() and not self.no_color and "NO_COLOR" not in self.environ

    def project(self) -> "Project":
        """The project of this call. Raises ConfigurationError with every problem of the file."""
        from pipeline.config.load import load  # noqa: PLC0415  # --help must not pay for it

        return load(self.config, self.environ)

    def listener(self) -> "Listener":
        """Who tells the progress, on stderr."""
        if self.quiet:
            from pipeline.progress import Silent  # noqa: PLC0415

            return Silent()
        if sys.stderr.isatty() and self.environ.get("TERM") != "dumb":
            from pipeline.reports.live import live  # noqa: PLC0415

            return live(colour=not self.no_color and "NO_COLOR" not in self.environ)
        from pipeline.reports.progress import Plain  # noqa: PLC0415

        return Plain(sys.stderr)

    def result(self, text: str, document: Mapping[str, object] | Callable[[], Mapping[str, object]]) -> None:
        """Say the result, in the form that was asked for; a large ``document`` is made only when it is."""
        if self.format is Format.JSON:
            said = document() if callable(document) else document
            escaped = self.output is None and sys.stdout.encoding.lower() != "utf-8"
            body = json.dumps({"schema_version": SCHEMA_VERSION, **said}, indent=2, ensure_ascii=escaped)
        else:
            body = text
        if self.output is not None:
            _write(self.output, body)
        elif self.colour and self.format is Format.TEXT:
            if sys.stderr.isatty() and not self.quiet:
                print(file=sys.stderr)  # noqa: T201  # set the result apart from the progress
            from pipeline.reports.paint import paint  # noqa: PLC0415

            paint(body)
        else:
            _say(body)

    def error(self, error: PipelineError) -> None:
        """Say why we stop: what, where, why and what to do."""
        from pipeline.reports.errors import document, text  # noqa: PLC0415

        if self.format is Format.JSON:
            try:
                self.result("", document(error))
            except PipelineError as lost:
                print(text(lost), file=sys.stderr)  # noqa: T201
        if self.verbose:
            traceback.print_exception(error)
        print(text(error), file=sys.stderr)  # noqa: T201


def _say(body: str) -> None:
    try:
        print(body, flush=True)  # noqa: T201  # this is where results are said
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unavailable(
            "the result cannot be written",
            where="standard output",
            why=error.strerror or str(error),
            todo="what was done stays done",
        ) from error


def _write(file: Path, body: str) -> None:
    try:
        file.write_text(body + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            "the result cannot be written",
            where=str(file),
            why=error.strerror or str(error),
            todo="give --output the path of a file in a folder that is there; what was done stays done",
        ) from error
