"""The time a whole run may take: asked between acts, so that none is cut in the middle."""

from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from pipeline.errors import Failed


@dataclass(frozen=True)
class Deadline:
    """When a run must have ended; ``limit`` is ``limits.run``."""

    limit: timedelta
    started: float = field(default_factory=monotonic)

    @property
    def left(self) -> timedelta:
        """How much of it is left; nothing at the least."""
        return max(timedelta(), self.limit - timedelta(seconds=monotonic() - self.started))

    def must_not_have_passed(self) -> None:
        """Raise Failed when it has: what was committed stays, nothing new begins."""
        if monotonic() - self.started > self.limit.total_seconds():
            raise Failed(
                f"the run has taken longer than {self.limit.total_seconds():g} s",
                why="limits.run; it stopped between two acts, nothing is half done",
                todo="run again, or raise limits.run",
            )
