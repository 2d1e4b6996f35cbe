"""What a run says while it works where no terminal is: plain lines, without colour or control codes."""

from typing import TextIO

from pipeline.progress import Status, StepResult

MARKS = {Status.PASSED: "✓", Status.REFUSED: "✗", Status.FAILED: "✗", Status.SKIPPED: "–"}


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


def line(result: StepResult) -> str:
    """How a step ended, on one line."""
    return f"{MARKS[result.status]} {result.name:<10} {result.summary}  ({duration(result.duration_ms)})"


def duration(milliseconds: float) -> str:
    """Milliseconds as people say them."""
    if milliseconds < 1000:  # noqa: PLR2004  # a second
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.1f} s"
