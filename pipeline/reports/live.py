"""What a run says while it works on a terminal: a living line, and what is done above it."""

from rich.console import Console
from rich.status import Status as Spinner
from rich.text import Text

from pipeline.progress import Status, StepResult
from pipeline.reports.progress import line

STYLES = {Status.PASSED: "green", Status.REFUSED: "red", Status.FAILED: "red", Status.SKIPPED: "dim"}


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
