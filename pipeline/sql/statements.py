"""A statement of a script: its text, its place, and what the server will make of it."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class IndexBuild:
    """``CREATE INDEX CONCURRENTLY``: done when the index is there, valid and ready."""

    schema: str | None
    index: str
    table_schema: str | None
    table: str
    if_not_exists: bool = False


@dataclass(frozen=True)
class IndexDrop:
    """``DROP INDEX CONCURRENTLY``: done when the index is gone."""

    schema: str | None
    index: str
    if_exists: bool = False


@dataclass(frozen=True)
class Reindex:
    """``REINDEX CONCURRENTLY`` of an index or a table: may run again once what it left behind is gone."""

    schema: str | None
    name: str


@dataclass(frozen=True)
class Detach:
    """``DETACH PARTITION CONCURRENTLY``: done when the table is no partition of the parent any more."""

    parent_schema: str | None
    parent: str
    schema: str | None
    partition: str


@dataclass(frozen=True)
class Repeatable:
    """A statement that may simply be run again (``VACUUM``)."""

    kind: str


@dataclass(frozen=True)
class Unknown:
    """A statement that cannot run in a transaction and whose outcome we cannot read from the catalog."""

    kind: str


Outcome = IndexBuild | IndexDrop | Reindex | Detach | Repeatable | Unknown
"""How to learn from the catalog whether a non-transactional statement has done its work."""


class CopyData(NamedTuple):
    """The lines that a script feeds to ``COPY … FROM STDIN``; ``offset`` counts characters of the script.

    ``after`` is where the statement before it ended: this one's first word stands behind it.
    """

    after: int
    offset: int
    text: str


class Statement(NamedTuple):
    """One SQL command of a script.

    ``offset`` counts characters from the start of the script to the statement's first word (comments before
    it are not part of it); ``line`` and ``column`` count from 1. ``kind`` is the command in words
    ("CREATE INDEX"). ``outcome`` is None for a statement that may run in a transaction. ``data`` is what the
    script feeds to it. A batch of statements has their offsets as its ``parts``. ``online``
    says that others may read and write while it reads a whole table (VALIDATE CONSTRAINT).
    """

    text: str
    offset: int
    line: int
    column: int
    kind: str
    outcome: Outcome | None = None
    data: CopyData | None = None
    parts: tuple[int, ...] = ()
    online: bool = False

    @property
    def transactional(self) -> bool:
        """Whether the server lets this statement run inside a transaction block."""
        return self.outcome is None
