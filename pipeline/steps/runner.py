"""Who applies migrations: we do, or the format's own program."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from pipeline.formats.model import Release
from pipeline.postgres.executor import Executor
from pipeline.postgres.work import StrongLocks, Watch
from pipeline.steps.context import Context
from pipeline.steps.prepare import Prepared

if TYPE_CHECKING:
    from pipeline.steps.tool import Tool


Apply = Callable[[], timedelta]
"""Applies one migration; returns, and raises, as ``Executor.apply``."""


class Runner(Protocol):
    """Applies migrations on the session of its executor, which does all else there."""

    @property
    def executor(self) -> Executor:
        """Takes migrations back, calls callbacks."""
        ...

    def ready(self, prepared: Prepared, *, strong: StrongLocks) -> Apply:
        """What applies a migration, with all made ready that can be before its turn."""
        ...

    def up(self, prepared: Prepared, *, watch: Watch | None = None) -> timedelta:
        """Apply a migration. Returns, and raises, as ``Executor.apply``."""
        ...


@dataclass(frozen=True)
class Native:
    """Applies them statement by statement."""

    executor: Executor

    def ready(self, prepared: Prepared, *, strong: StrongLocks) -> Apply:
        """Make a migration ready, with what runs around it."""
        ready = self.executor.ready(prepared.migration, prepared.up, strong=strong, around=prepared.around)
        return partial(self.executor.apply, ready)

    def up(self, prepared: Prepared, *, watch: Watch | None = None) -> timedelta:
        """Apply a migration with what runs around it."""
        return self.executor.up(prepared.migration, prepared.up, watch=watch, around=prepared.around)


def tool_of(context: Context, release: Release) -> "Tool | None":
    """The program that the project wants for its migrations; None where we apply them.

    Raises Unavailable where it is not on this machine.
    """
    if not context.project.migrations.by_tool:
        return None
    from pipeline.steps.tool import find  # noqa: PLC0415  # most projects let us apply them

    return find(context, release)


def runner_of(context: Context, executor: Executor, tool: "Tool | None") -> Runner:
    """The ``tool`` at the executor's place, or the executor itself where there is none."""
    if tool is None:
        return Native(executor)
    from pipeline.steps.tool import ByTool  # noqa: PLC0415

    return ByTool(context, executor, tool)
