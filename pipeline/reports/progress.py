"""What a run says while it works: a living line on a terminal, plain lines elsewhere."""

from typing import TextIO

from rich.console import Console
from rich.status import Status as Spinner
from rich.text import Text

from pipeline.findings import Status, StepResult

MARKS = {Status.PASSED: "✓", Status.REFUSED: "✗", Status.FAILED: "✗", Status.SKIPPED: "–"}
STYLES = {Status.PASSED: "green", Status.REFUSED: "red", Status.FAILED: "red", Status.SKIPPED: "dim"}


class Plain:
    """One line when a step ends, and one for each thing that happened in it; no colour, no control codes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def started(self, step: str, title: str) -> None:
        """Say nothing: the end of a step says both."""

    def murmured(self, step: str, text: str) -> None:
        """Say it."""
        print(f"  {text}", file=self._stream, flush=True)

    def finished(self, result: StepResult) -> None:
        """Say how it ended."""
        print(line(result), file=self._stream, flush=True)


class Live:
    """A spinner with what is being done; what is done stays above it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._spinner: Spinner | None = None
        self._title = ""

    def started(self, step: str, title: str) -> None:
        """Show what is being done."""
        self._title = title
        self._spinner = self._console.status(Text(title))
        self._spinner.start()

    def murmured(self, step: str, text: str) -> None:
        """Show it beside what is being done."""
        if self._spinner:
            self._spinner.update(Text(f"{self._title}: {text}"))

    def finished(self, result: StepResult) -> None:
        """Leave a line behind."""
        if self._spinner:
            self._spinner.stop()
        mark, rest = line(result).split(" ", 1)
        self._console.print(Text.assemble((mark, STYLES[result.status]), " ", rest), soft_wrap=True)


def live(*, colour: bool) -> Live:
    """A living line on stderr."""
    return Live(Console(stderr=True, no_color=not colour, highlight=False))


def line(result: StepResult) -> str:
    """How a step ended, on one line."""
    return f"{MARKS[result.status]} {result.name:<10} {result.summary}  ({duration(result.duration_ms)})"


def duration(milliseconds: float) -> str:
    """Milliseconds as people say them."""
    if milliseconds < 1000:  # noqa: PLR2004  # a second
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.1f} s"
