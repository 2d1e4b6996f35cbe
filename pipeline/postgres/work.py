"""A piece of work for the executor, and who may look on while it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.formats.interface import Migration, Script
from pipeline.sql.command import Command
from pipeline.sql.statements import Statement

UP = "up"
DOWN = "down"


class Watch(Protocol):
    """Looks on while a script runs; ``ran`` is called on the working connection, inside the transaction."""

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

    def begun(self) -> None:
        """Look away."""

    def ran(self, statement: Statement, *, started: float, rows: int) -> None:
        """Look away."""

    def ended(self) -> None:
        """Look away."""


@dataclass(frozen=True)
class Work:
    """One script to run, and what the ledger says before and after it."""

    migration: Migration
    direction: str
    script: Script
    statements: Sequence[Statement]
    before: tuple[Command, ...]
    after: Callable[[int], tuple[Command, ...]]
    hold_from: int | None = None

    @property
    def transactional(self) -> bool:
        """Whether the whole script runs in one transaction."""
        return all(statement.transactional for statement in self.statements)
