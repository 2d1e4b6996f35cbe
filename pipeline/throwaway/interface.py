"""What a server of ours can be asked, whoever runs it: Docker or a PostgreSQL on this machine."""

from typing import Protocol, Self

from pipeline.postgres.target import Target
from pipeline.programs.installations import Installation


class Server(Protocol):
    """A running PostgreSQL server that is ours until it is closed.

    ``where`` is for people; ``on_memory`` says that its data lie on a memory file system, so that
    durations measured on it are lower bounds; ``installation`` holds its programs where they lie on this
    machine. A server ends when its last user has closed it or is dead, whatever killed it.
    """

    @property
    def major(self) -> int:
        """The major version, ``18``."""
        ...

    @property
    def version(self) -> str:
        """The full version, ``18.6``."""
        ...

    @property
    def where(self) -> str:
        """Where it runs, for people."""
        ...

    @property
    def on_memory(self) -> bool:
        """Whether its data lie on a memory file system."""
        ...

    @property
    def installation(self) -> Installation | None:
        """Its programs on this machine; None when it runs in a container."""
        ...

    @property
    def superuser(self) -> str:
        """The name of its superuser."""
        ...

    def target(self, database: str, user: str | None = None) -> Target:
        """A database of this server, as its superuser or as ``user``."""
        ...

    def close(self) -> None:
        """We no longer use it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...
