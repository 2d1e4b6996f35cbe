"""Who applies migrations: we do, or the format's own program."""

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol

from pipeline.postgres.executor import Executor
from pipeline.postgres.work import StrongLocks, Watch
from pipeline.steps.context import Context
from pipeline.steps.prepare import Prepared
from pipeline.steps.tool import ByTool, Tool


class Runner(Protocol):
    """Applies migrations on the session of its executor, which does all else there."""

    @property
    def executor(self) -> Executor:
        """Takes migrations back, calls callbacks."""
        ...

    def up(
        self,
        prepared: Prepared,
        *,
        watch: Watch | None = None,
        strong: StrongLocks = MappingProxyType({}),
    ) -> timedelta:
        """Apply a migration. Returns, and raises, as ``Executor.up``."""
        ...


@dataclass(frozen=True)
class Native:
    """Applies them statement by statement."""

    executor: Executor

    def up(
        self,
        prepared: Prepared,
        *,
        watch: Watch | None = None,
        strong: StrongLocks = MappingProxyType({}),
    ) -> timedelta:
        """Apply a migration with what runs around it."""
        return self.executor.up(
            prepared.migration, prepared.up, watch=watch, strong=strong, around=prepared.around
        )


def runner_of(context: Context, executor: Executor, tool: Tool | None) -> Runner:
    """The ``tool`` at the executor's place, or the executor itself where there is none."""
    return Native(executor) if tool is None else ByTool(context, executor, tool)
