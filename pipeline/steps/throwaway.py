"""Start the throwaway server while the target is still being read, and end it with the run."""

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.programs.tool import TOOLS
from pipeline.steps.context import Context
from pipeline.throwaway.interface import Server
from pipeline.throwaway.start import start


@dataclass
class Throwaway:
    """A server that is started when it is first thought of, and waited for when it is first needed."""

    context: Context
    major: int
    _pool: ThreadPoolExecutor
    _starting: Future[Server] | None = field(default=None)

    def begin(self) -> None:
        """Start it without waiting."""
        if self._starting is None:
            provider = self.context.project.throwaway_for(self.context.environment.name)
            self._starting = self._pool.submit(
                start,
                provider,
                self.major,
                state=self.context.project.state,
                environ=self.context.environ,
                tcp=needs_tcp(self.context),
            )

    def server(self) -> Server:
        """The running server. Raises Unavailable when none could be started."""
        self.begin()
        assert self._starting is not None  # noqa: S101  # begin has just seen to it
        return self._starting.result()

    def close(self) -> None:
        """End it, whether or not it had come up."""
        if self._starting is not None and self._starting.exception() is None:
            self._starting.result().close()


def needs_tcp(context: Context) -> bool:
    """Whether a program is to reach the server that knows no sockets."""
    migrations = context.project.migrations
    return migrations.by_tool and TOOLS[migrations.format].only_tcp


@contextmanager
def throwaway(context: Context, major: int) -> Generator[Throwaway]:
    """A throwaway of the major version ``major`` for the length of a block."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        made = Throwaway(context, major, pool)
        try:
            yield made
        finally:
            made.close()
