"""A piece of work for the executor, and who may look on while it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from pipeline.formats.model import Migration, Script
from pipeline.sql.command import Command, Milliseconds
from pipeline.sql.statements import Statement

StrongLocks = Mapping[int, Sequence[tuple[str, str]]]
"""The locks that others wait behind, by the index of the statement that takes them: relation and mode.

As a rehearsal saw them: ``public.orders``, ``AccessExclusiveLock``.
"""


class Watch(Protocol):
    """Looks on while a script runs; ``ran`` is called on the working connection, inside the transaction."""

    @property
    def closely(self) -> bool:
        """Whether it looks at each statement by itself; nobody else is told for sure what begins and runs."""
        ...

    def begun(self) -> None:
        """The script begins."""
        ...

    def ran(self, statement: Statement, *, started: float, rows: int) -> None:
        """A statement has ended."""
        ...

    def ended(self) -> None:
        """The script and its ledger row are committed."""
        ...


class Unwatched:
    """A watch that looks away."""

    closely = False

    def begun(self) -> None:
        """Look away."""

    def ran(self, statement: Statement, *, started: float, rows: int) -> None:
        """Look away."""

    def ended(self) -> None:
        """Look away."""


class Part(NamedTuple):
    """A script beside the one that the work is about, with its statements."""

    script: Script
    statements: Sequence[Statement]


class Around(NamedTuple):
    """What runs before and after a script, in its transaction where there is one."""

    before: tuple[Part, ...] = ()
    after: tuple[Part, ...] = ()


ALONE = Around()


@dataclass(frozen=True)
class Work:
    """One script to run, what runs around it, and what the ledger says before and after it."""

    migration: Migration
    direction: str
    script: Script
    statements: Sequence[Statement]
    before: tuple[Command, ...]
    after: Callable[[Milliseconds], tuple[Command, ...]]
    strong: StrongLocks = field(default_factory=dict[int, Sequence[tuple[str, str]]])
    around: Around = ALONE

    def of(self, part: Part) -> "Work":
        """The same work, while another script of it runs."""
        return replace(self, script=part.script, statements=part.statements, strong={}, around=ALONE)

    @property
    def transactional(self) -> bool:
        """Whether the whole script runs in one transaction."""
        return all(statement.transactional for statement in self.statements)

    @property
    def online(self) -> bool:
        """Whether nobody has to wait while it is at work, however long that takes."""
        return bool(self.statements) and all(statement.online for statement in self.statements)
