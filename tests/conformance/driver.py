"""What the harness asks of a tool: run the real program, tell its ledger and its own status."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pipeline.formats.model import MigrationState
from pipeline.postgres.target import Target
from tests.support.commands import Ended

Row = tuple[object, ...]
DONE = Ended(0, "", "")


@dataclass(frozen=True)
class Place:
    """One of the two databases of a case, and the folder of migrations that both have."""

    target: Target
    migrations: Path
    schemas: Sequence[str]
    options: Mapping[str, object]

    def ask(self, query: str | sql.Composed, values: Sequence[object] = ()) -> list[Row]:
        """The rows of a question; none where what it asks for is not there."""
        with psycopg.connect(make_conninfo("", **self.target.resolve()), autocommit=True) as connection:
            try:
                cursor = connection.execute(query.encode() if isinstance(query, str) else query, values or None)
            except psycopg.errors.UndefinedTable:
                return []
            return cursor.fetchall() if cursor.description else []

    def do(self, text: str) -> None:
        """SQL by hand, in the first managed schema."""
        with psycopg.connect(make_conninfo("", **self.target.resolve()), autocommit=True) as connection:
            connection.execute("select set_config('search_path', %s, false)", [f'"{self.schemas[0]}", public'])
            connection.execute(text.encode())


@dataclass(frozen=True)
class Verb:
    """An act in our words: ``migrate``, ``migrate to V``, ``rollback to V``, ``baseline V``, ``repair``,
    ``repair applied V``."""

    name: str
    label: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Verb | None":
        """The act that a text names, or None where it is none of ours."""
        name, *words = text.split()
        settings = any(word.startswith("-") for word in words)
        if settings or name not in {"migrate", "rollback", "baseline", "repair"}:
            return None
        if words and words[0] in {"to", "applied"}:
            words = words[1:]
        return cls(name, words[0] if words else None)


class Driver(Protocol):
    """One real tool."""

    @property
    def missing(self) -> str | None:
        """The reason why the real program is not here, or None."""
        ...

    def theirs(self, place: Place, command: str) -> Ended:
        """The real program's own command, as its command line takes it."""
        ...

    def same(self, place: Place, verb: Verb) -> Ended:
        """The act of ours, done by the real program."""
        ...

    def rows(self, place: Place) -> list[Row]:
        """The ledger column by column, times and random values aside; none where there is no table."""
        ...

    def disagreements(self, place: Place, states: Sequence[MigrationState]) -> list[str]:
        """Where the real program's own status does not say what ours does."""
        ...


def first_failing(acts: Sequence[Callable[[], Ended]]) -> Ended:
    """Run one after the other up to the first that fails; how the last one ended."""
    ended = DONE
    for act in acts:
        ended = act()
        if ended.code:
            return ended
    return ended
