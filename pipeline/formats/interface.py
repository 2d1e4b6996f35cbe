"""The contract of a format: files become a Release, ledger rows become a History, the two become States."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pipeline.findings import Finding
from pipeline.sql.command import Command


@dataclass(frozen=True)
class SourceFile:
    """A file of the migrations folder, read once.

    ``path`` is relative to that folder ("/" between parts), ``shown`` relative to the project, for people.
    A path that ends in "/" is a folder in which nothing was found that the format wants.
    """

    path: str
    shown: str
    content: bytes


@dataclass(frozen=True)
class Script:
    """A script to run: the file it came from and the text that is executed (decoded, placeholders replaced)."""

    file: SourceFile
    sql: str


class Kind(StrEnum):
    """Whether a migration runs once or again whenever its text changes."""

    VERSIONED = "versioned"
    REPEATABLE = "repeatable"


@dataclass(frozen=True)
class Migration:
    """One migration: what goes up, what comes down again, and what the format's ledger says of it.

    ``version`` is the format's own text (None for a repeatable), ``name`` the format's description,
    ``script`` what the ledger calls the file, ``checksum`` the ledger's checksum (None where the format
    keeps none). ``irreversible`` carries the declared reason of ``-- pipeline: irreversible reason="…"``.
    """

    kind: Kind
    version: str | None
    name: str
    script: str
    up: Script
    down: Script | None = None
    checksum: str | None = None
    irreversible: str | None = None

    @property
    def label(self) -> str:
        """How people name it: its version, or the description of a repeatable."""
        return self.version if self.version is not None else self.name

    @property
    def title(self) -> str:
        """Label and name together, for a line of progress."""
        return f"{self.version} {self.name}".rstrip() if self.version is not None else self.name


@dataclass(frozen=True)
class Release:
    """The ordered, immutable set of migrations; ``digest`` is ``sha256:…`` over ordered paths and bytes."""

    format: str
    migrations: tuple[Migration, ...]
    digest: str

    def find(self, label: str) -> Migration | None:
        """The migration that people call ``label``, if there is one."""
        return next((migration for migration in self.migrations if migration.label == label), None)


@dataclass(frozen=True)
class Reading:
    """What came out of reading a folder: the release and what was noticed on the way."""

    release: Release
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class LedgerRow:
    """One row of the other tool's ledger, in our words; ``raw`` keeps the row as it stands (text by column)."""

    version: str | None
    name: str
    script: str
    checksum: str | None
    success: bool
    raw: Mapping[str, str | None] = field(default_factory=dict[str, str | None])


@dataclass(frozen=True)
class History:
    """The ledger as read: in the order of application. ``exists`` is False where there is no such table."""

    exists: bool
    rows: tuple[LedgerRow, ...] = ()


class Disposition(StrEnum):
    """What a state means for us, whatever the format calls it."""

    APPLIED = "applied"
    PENDING = "pending"
    IGNORED = "ignored"
    PROBLEM = "problem"


@dataclass(frozen=True)
class MigrationState:
    """One line of a status table: a file, a ledger row or both, in the format's own word for the state.

    ``finding`` says why a PROBLEM is one (edited after apply, file absent, failed half-way, below the head).
    """

    migration: Migration | None
    row: LedgerRow | None
    state: str
    disposition: Disposition
    finding: Finding | None = None


class Ledger(Protocol):
    """The ledger of a format in one database, as commands for ``pipeline.postgres`` to run."""

    @property
    def table(self) -> tuple[str, str]:
        """Schema and name of the ledger table."""
        ...

    def lock_key(self, database: str) -> int:
        """The 64-bit advisory lock key by which the real tool and we exclude each other."""
        ...

    @property
    def create(self) -> tuple[Command, ...]:
        """What creates the table as the real tool would, in one transaction."""
        ...

    @property
    def read(self) -> Command:
        """Selects all rows in order of application, every column cast to text."""
        ...

    @property
    def head(self) -> Command:
        """Selects one cheap row of text that changes whenever the ledger does."""
        ...

    def interpret(self, rows: Sequence[Mapping[str, str | None]]) -> tuple[LedgerRow, ...]:
        """The rows of ``read`` in our words."""
        ...

    def started(self, migration: Migration) -> tuple[Command, ...]:
        """What is written before the script (committed on its own when the script is not transactional)."""
        ...

    def finished(self, migration: Migration, duration_ms: int) -> tuple[Command, ...]:
        """What is written after the script, in the same transaction where there is one."""
        ...

    def undone(self, migration: Migration, previous: Migration | None) -> tuple[Command, ...]:
        """What is written after the down script of ``migration``; ``previous`` is then the newest applied."""
        ...


class Format(Protocol):
    """One tool's conventions."""

    @property
    def name(self) -> str:
        """The format's name in environments.yaml."""
        ...

    @property
    def keeps_lock_during_concurrently(self) -> bool:
        """Whether the tool's lock may be held while an index is built CONCURRENTLY (its waiters only poll)."""
        ...

    def wanted(self, options: Mapping[str, object]) -> Callable[[str], bool]:
        """Which paths of the migrations folder shall be read; "name/" asks whether to look into that folder.

        Raises ConfigurationError for options that the format does not have.
        """
        ...

    def read(self, files: Sequence[SourceFile], options: Mapping[str, object]) -> Reading:
        """Make a release of the files; what cannot be understood is a finding, never skipped silently."""
        ...

    def next_files(
        self, release: Release, name: str, now: datetime, options: Mapping[str, object]
    ) -> tuple[str, str]:
        """Where a new migration's two scripts belong, up and down, in the style of those that are there.

        Raises ConfigurationError for a ``name`` that leaves nothing for a file name.
        """
        ...

    def ledger(self, schema: str, options: Mapping[str, object]) -> Ledger:
        """The ledger in the first managed schema, or where the options say."""
        ...

    def states(
        self, release: Release, history: History, *, out_of_order: str, target: str | None = None
    ) -> tuple[MigrationState, ...]:
        """Every file and every row, in the format's own order and words; nothing hidden.

        ``out_of_order`` is ``deny``, ``warn`` or ``allow``; ``target`` is the last version wanted.
        """
        ...
