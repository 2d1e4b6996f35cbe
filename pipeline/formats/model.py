"""What a format makes of files and ledger rows, as values: a Release, a History, and the States of the two.

What there are thousands of in a project is a NamedTuple: it is made in a third of the time of a dataclass.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple

from pipeline.findings import Finding
from pipeline.sql.command import Command


class SourceFile(NamedTuple):
    """A file of the migrations folder, read once.

    ``path`` is relative to that folder ("/" between parts), ``shown`` relative to the project, for people.
    A path that ends in "/" is a folder in which nothing was found that the format wants.
    """

    path: str
    shown: str
    content: bytes


class Script(NamedTuple):
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


class Migration(NamedTuple):
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


class Callback(NamedTuple):
    """A script that runs on its own at an event of a run, in a transaction of its own; no ledger knows it."""

    event: Event
    script: Script


@dataclass(frozen=True)
class Release:
    """The ordered, immutable set of migrations.

    ``callbacks`` are in the order in which they run. ``forgiven`` are patterns, in the tool's own grammar, of
    states that the project does not mind. ``files`` are all files that were read, whatever they are for.
    """

    format: str
    migrations: tuple[Migration, ...]
    callbacks: tuple[Callback, ...] = ()
    forgiven: tuple[str, ...] = ()
    files: tuple[SourceFile, ...] = field(default=(), repr=False)

    @cached_property
    def digest(self) -> str:
        """``sha256:…`` over the ordered names and bytes of all scripts, up before down, then the callbacks.

        Each part is preceded by its length, so that no two different releases can have the same input.
        """
        total, nothing = sha256(), _preceded(b"") * 2
        for script in self._scripts():
            if script is None:
                total.update(nothing)
            else:
                content = script.file.content
                total.update(_preceded(script.file.path.encode()) + len(content).to_bytes(8, "big"))
                total.update(content)
        return f"sha256:{total.hexdigest()}"

    def _scripts(self) -> Iterator[Script | None]:
        for migration in self.migrations:
            yield migration.up
            yield migration.down
        yield from self.called

    @property
    def called(self) -> tuple[Script, ...]:
        """The scripts of all callbacks, each once: those around each migration, then those at events."""
        around = {script.file.path: script for one in self.migrations for script in (*one.before, *one.after)}
        return (*(around[path] for path in sorted(around)), *(callback.script for callback in self.callbacks))

    def find(self, label: str) -> Migration | None:
        """The migration that people call ``label``, if there is one."""
        return next((migration for migration in self.migrations if migration.label == label), None)


def _preceded(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


class Reading(NamedTuple):
    """What came out of reading a folder: the release and what was noticed on the way."""

    release: Release
    findings: tuple[Finding, ...] = ()


class Surroundings(NamedTuple):
    """What a script may be told about the place where it runs; None where no such place is meant.

    ``folder`` is where the project lies, ``at`` the time of the run. ``connection`` gives the parameters
    (libpq's names) of the database; it may be costly, so it is asked only by a script that wants to know.
    """

    schema: str = "public"
    folder: str | None = None
    at: datetime | None = None
    connection: Callable[[], Mapping[str, str]] | None = None


NOWHERE = Surroundings()


class Configured(NamedTuple):
    """A format's options together with what the tool's own configuration files say."""

    options: Mapping[str, object]
    findings: tuple[Finding, ...] = ()


class LedgerRow(NamedTuple):
    """One row of the other tool's ledger, in our words; ``raw`` keeps the row as it stands (text by column)."""

    version: str | None
    name: str
    script: str
    checksum: str | None
    success: bool
    raw: Mapping[str, str | None] = MappingProxyType({})


class Noted(NamedTuple):
    """What we remember of an applied migration: its file and the SHA-256 of its bytes."""

    script: str
    sha256: str


class History(NamedTuple):
    """The ledger as read: in the order of application. ``exists`` is False where there is no such table.

    ``noted`` is our own memory by label, for a ledger that does not remember bytes itself. ``beside`` names
    what the tool would not begin a history beside.
    """

    exists: bool
    rows: tuple[LedgerRow, ...] = ()
    noted: Mapping[str, Noted] = MappingProxyType({})
    beside: tuple[str, ...] = ()


class Disposition(StrEnum):
    """What a state means for us, whatever the format calls it."""

    APPLIED = "applied"
    PENDING = "pending"
    IGNORED = "ignored"
    PROBLEM = "problem"


class MigrationState(NamedTuple):
    """One line of a status table: a file, a ledger row or both, in the format's own word for the state.

    ``finding`` says why a PROBLEM is one (edited after apply, file absent, failed half-way, below the head).
    """

    migration: Migration | None
    row: LedgerRow | None
    state: str
    disposition: Disposition
    finding: Finding | None = None


class Amendment(NamedTuple):
    """One thing that a repair changes in the ledger: in words for people, and as commands."""

    what: str
    commands: tuple[Command, ...]
