"""How a step murmurs while it works: the Listener protocol, silent by default."""

from typing import Protocol

from pipeline.findings import StepResult


class Listener(Protocol):
    """Told of every boundary of a run, in order; whoever listens decides what that looks like."""

    def started(self, step: str, title: str) -> None:
        """A step begins; ``title`` is what a person reads."""

    def murmured(self, step: str, text: str) -> None:
        """Something worth a line happened inside a step (a migration was applied, a file was written)."""

    def finished(self, result: StepResult) -> None:
        """A step ended."""


class Silent:
    """A listener that says nothing."""

    def started(self, step: str, title: str) -> None:
        """Say nothing."""

    def murmured(self, step: str, text: str) -> None:
        """Say nothing."""

    def finished(self, result: StepResult) -> None:
        """Say nothing."""
