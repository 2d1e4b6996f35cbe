"""The contract of a format: files become a Release, ledger rows become a History, the two become States."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
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
    """A script to run: the file it came from and the text that is executed (decoded, placeholders replaced).

    ``separate`` says that the file's own settings ask for each statement to run on its own, outside of a
    transaction.
    """

    file: SourceFile
    sql: str
    separate: bool = False


class Kind(StrEnum):
    """Whether a migration runs once, again whenever its text changes, or instead of all before it."""

    VERSIONED = "versioned"
    REPEATABLE = "repeatable"
    BASELINE = "baseline"


@dataclass(frozen=True)
class Migration:
    """One migration: what goes up, what comes down again, and what the format's ledger says of it.

    ``version`` is the format's own text (None for a repeatable), ``name`` the format's description,
    ``script`` what the ledger calls the file, ``checksum`` the ledger's checksum (None where the format
    keeps none). ``irreversible`` carries the declared reason of ``-- pipeline: irreversible reason="…"``.
    ``type`` is the ledger's word for the sort of file, where the format has several. ``only_by_tool`` says
    what it is when nobody but the real tool can run it (a Java migration, a shell script). ``before`` and
    ``after`` are run around ``up``, in the same transaction.
    """

    kind: Kind
    version: str | None
    name: str
    script: str
    up: Script
    down: Script | None = None
    checksum: str | None = None
    irreversible: str | None = None
    type: str | None = None
    only_by_tool: str | None = None
    before: tuple[Script, ...] = ()
    after: tuple[Script, ...] = ()

    @property
    def label(self) -> str:
        """How people name it: its version, or the description of a repeatable.

        A baseline may stand beside a migration of the same version: ``B3`` and ``3``.
        """
        if self.version is None:
            return self.name
        return f"B{self.version}" if self.kind is Kind.BASELINE else self.version

    @property
    def title(self) -> str:
        """Label and name together, for a line of progress."""
        return f"{self.label} {self.name}".rstrip() if self.version is not None else self.name


class Event(StrEnum):
    """When a callback runs.

    Before the first migration, behind the last versioned one, before the first repeatable, behind the last
    migration of all, or after one has failed.
    """

    BEGIN = "begin"
    VERSIONED = "versioned"
    REPEATABLES = "repeatables"
    END = "end"
    FAILED = "failed"


@dataclass(frozen=True)
class Callback:
    """A script that runs on its own at an event of a run, in a transaction of its own; no ledger knows it."""

    event: Event
    script: Script


@dataclass(frozen=True)
class Release:
    """The ordered, immutable set of migrations; ``digest`` is ``sha256:…`` over ordered paths and bytes.

    ``callbacks`` are in the order in which they run. ``forgiven`` are patterns, in the tool's own grammar, of
    states that the project does not mind. ``files`` are all files that were read, whatever they are for.
    """

    format: str
    migrations: tuple[Migration, ...]
    digest: str
    callbacks: tuple[Callback, ...] = ()
    forgiven: tuple[str, ...] = ()
    files: tuple[SourceFile, ...] = field(default=(), repr=False)

    def find(self, label: str) -> Migration | None:
        """The migration that people call ``label``, if there is one."""
        return next((migration for migration in self.migrations if migration.label == label), None)


@dataclass(frozen=True)
class Reading:
    """What came out of reading a folder: the release and what was noticed on the way."""

    release: Release
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What a script may be told about the place where it runs; None where no such place is meant.

    ``folder`` is where the project lies, ``at`` the time of the run. ``connection`` gives the parameters
    (libpq's names) of the database; it may be costly, so it is asked only by a script that wants to know.
    """

    schema: str = "public"
    folder: str | None = None
    at: datetime | None = None
    connection: Callable[[], Mapping[str, str]] | None = None


NOWHERE = Surroundings()


@dataclass(frozen=True)
class Configured:
    """A format's options together with what the tool's own configuration files say."""

    options: Mapping[str, object]
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
class Noted:
    """What we remember of an applied migration: its file and the SHA-256 of its bytes."""

    script: str
    sha256: str


@dataclass(frozen=True)
class History:
    """The ledger as read: in the order of application. ``exists`` is False where there is no such table.

    ``noted`` is our own memory by label, for a ledger that does not remember bytes itself. ``beside`` names
    what the tool would not begin a history beside.
    """

    exists: bool
    rows: tuple[LedgerRow, ...] = ()
    noted: Mapping[str, Noted] = field(default_factory=dict[str, Noted])
    beside: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Amendment:
    """One thing that a repair changes in the ledger: in words for people, and as commands."""

    what: str
    commands: tuple[Command, ...]


class Ledger(Protocol):
    """The ledger of a format in one database, as commands for ``pipeline.postgres`` to run."""

    @property
    def table(self) -> tuple[str, str]:
        """Schema and name of the ledger table."""
        ...

    @property
    def remembers_bytes(self) -> bool:
        """Whether its rows tell which bytes were applied; if not, we keep a memory of our own."""
        ...

    def lock_key(self, database: str) -> int:
        """The 64-bit advisory lock key by which the real tool and we exclude each other."""
        ...

    @property
    def create(self) -> tuple[Command, ...]:
        """What creates the table as the real tool would, in one transaction."""
        ...

    @property
    def occupied(self) -> Command | None:
        """Selects one text per object beside which the tool does not begin; None where it begins anywhere."""
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

    def baseline(
        self, release: Release, history: History, version: str, description: str | None = None
    ) -> tuple[Command, ...]:
        """What makes a database that was not migrated so far count as being at ``version``; no script runs.

        ``create`` has run before. ``description`` is the format's own where it is None. No command at all
        where the ledger says the same already. Raises Refused where the ledger has other rows, and
        ConfigurationError for a version that the format cannot begin at.
        """
        ...

    def repair(
        self, release: Release, history: History, *, applied: str | None = None
    ) -> tuple[Amendment, ...]:
        """What brings the ledger back in line with the files, as the real tool's own repair does.

        A migration that failed half-way counts as not applied afterwards, unless ``applied`` is its label:
        then somebody has seen to it that all of it is there. Raises ConfigurationError where the format has
        no word for that, or ``applied`` did not fail.
        """
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

    @property
    def configuration_files(self) -> tuple[str, ...]:
        """Names of the tool's own configuration files, as they lie in a project or a migrations folder."""
        ...

    def configured(self, files: Sequence[SourceFile], options: Mapping[str, object]) -> Configured:
        """The options, and what those files say where the options are silent.

        A setting that would change what runs and that we cannot follow is an error finding.
        """
        ...

    def folders(self, path: Path, options: Mapping[str, object]) -> tuple[Path, ...]:
        """The folders in which the migrations are, relative to the project: ``path``, or what the options say.

        Raises ConfigurationError for a place that is no folder.
        """
        ...

    def wanted(self, options: Mapping[str, object]) -> Callable[[str], bool]:
        """Which paths of the migrations folder shall be read; "name/" asks whether to look into that folder.

        Raises ConfigurationError for options that the format does not have.
        """
        ...

    def read(
        self, files: Sequence[SourceFile], options: Mapping[str, object], place: Surroundings = NOWHERE
    ) -> Reading:
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
