"""The contract of a format: files become a Release, ledger rows become a History, the two become States."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pipeline.formats.model import (
    NOWHERE,
    Amendment,
    Configured,
    History,
    LedgerRow,
    Migration,
    MigrationState,
    Reading,
    Release,
    SourceFile,
    Surroundings,
)
from pipeline.sql.command import Command, Milliseconds


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

    def finished(self, migration: Migration, duration_ms: Milliseconds) -> tuple[Command, ...]:
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
