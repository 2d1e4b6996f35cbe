"""How a step murmurs while it works and how it ends: the Listener protocol, silent by default."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Ran:
    """A program that was run for a migration: how it ended, and the end of what it said, without secrets."""

    program: str
    migration: str
    exit_code: int
    output: str


@dataclass(frozen=True)
class StepResult:
    """How one step of a run ended and how long it took (milliseconds of a monotonic clock).

    ``programs`` are the real tools that applied migrations in it (``migrations.runner: tool``), in order.
    """

    name: str
    status: Status
    duration_ms: float
    summary: str = ""
    programs: Sequence[Ran] = ()


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
