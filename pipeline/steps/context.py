"""What every step of one run is about: the project, the environment, the format and its ledger."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from pipeline.config.project import Environment, Project, Rehearse
from pipeline.formats import FORMATS, folder
from pipeline.formats.conversion.note import Note
from pipeline.formats.interface import Format, Ledger
from pipeline.postgres.books import SCHEMA, Books
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.limits import Limits
from pipeline.postgres.target import Target
from pipeline.progress import Listener
from pipeline.steps.deadline import Deadline
from pipeline.steps.release import read_note


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """One run: in which project, for which environment, who listens, and when it began (in UTC)."""

    project: Project
    environment: Environment
    environ: Mapping[str, str]
    listener: Listener
    run_id: str
    deadline: Deadline
    at: datetime = field(default_factory=now)

    @property
    def schemas(self) -> Sequence[str]:
        """The managed schemas; the first one is where unqualified names go."""
        return self.project.migrations.schemas

    @property
    def format(self) -> Format:
        """The conventions of the tool whose layout the project has."""
        return FORMATS[self.project.migrations.format]

    @property
    def ledger(self) -> Ledger:
        """That tool's ledger in the managed schema."""
        return self.format.ledger(self.schemas[0], self.options)

    @cached_property
    def options(self) -> Mapping[str, object]:
        """The format's options, those of the tool's own configuration files included; read once."""
        migrations = self.project.migrations
        return folder.configured(self.format, self.project.root, migrations.path, migrations.options).options

    @property
    def unmanaged(self) -> Sequence[tuple[str, str]]:
        """Tables that are nobody's schema: the ledger, and the one before. Our own schema is no managed one."""
        return (self.ledger.table, *([self.former] if self.former else []))

    @property
    def former(self) -> tuple[str, str] | None:
        """The ledger of the tool that had the migrations before they were converted."""
        return self.conversion.table if self.conversion else None

    @cached_property
    def conversion(self) -> Note | None:
        """Where the migrations come from, if they were converted. Raises ConfigurationError."""
        return read_note(self.project)

    @property
    def limits(self) -> Limits:
        """How long we may wait and make others wait in this environment."""
        limits = self.environment.limits
        return Limits(
            first_wait=limits.wait.first,
            last_wait=limits.wait.last,
            hold=limits.hold,
            statement=limits.statement,
            online=limits.online,
            advisory_lock=limits.advisory_lock,
        )

    @property
    def rehearse(self) -> Rehearse:
        """How a release is rehearsed for this environment."""
        return self.project.rehearsal_for(self.environment.name)

    @property
    def purpose(self) -> str:
        """How our sessions are called on the server."""
        return f"{SCHEMA} {self.environment.name} {self.run_id}"

    def session(self, target: Target) -> AbstractContextManager[Session]:
        """A session of this run, for the length of a block, within the environment's limits."""
        limits = self.environment.limits
        return connected(target, purpose=self.purpose, deadline=limits.connect, patience=limits.statement)

    def books(self, session: Session) -> Books:
        """The records of this run, in the database of a session."""
        return Books(session, self.run_id, self.ledger.table)
