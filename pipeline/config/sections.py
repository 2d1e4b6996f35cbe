"""The parts of an environment in environments.yaml, as frozen values with their defaults.

The whole shape stands here, also what is not built yet: ``pipeline.config.rules`` refuses that by name.
Every key has a description, because editors show it.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from pipeline.config.fields import (
    Answer,
    Day,
    Distinct,
    Drill,
    Duration,
    LocalPath,
    Objects,
    Section,
    Size,
    Text,
    Timeout,
    Url,
    Wait,
    quantity,
    section,
)
from pipeline.config.quantities import duration, duration_range, size, timeout

Provider: TypeAlias = Literal["auto", "docker", "embedded"]
Proof: TypeAlias = Literal["schema", "data"]

STORE = "backups"
_ONE_OF = {"oneOf": [{"required": [key]} for key in ("embedded", "throwaway", "url")]}
_ONLY_WITH_URL = {"dependentRequired": {"tls": ["url"], "read": ["url"]}}


class DatabaseSection(Section, json_schema_extra={**_ONE_OF, **_ONLY_WITH_URL}):
    """Where the database is: exactly one of ``embedded``, ``throwaway`` and ``url``."""

    embedded: LocalPath | None = Field(
        default=None, description="A PostgreSQL that this tool keeps for you in this folder."
    )
    throwaway: Literal["auto", "docker", "embedded", "server"] | None = Field(
        default=None,
        description="A database that lives for one run: in docker, embedded, or whichever is there (auto)."
        " server is not built yet.",
    )
    url: Url | None = Field(
        default=None,
        description="postgresql://… by reference: ${NAME}, file:path or command:…; never with a password.",
    )
    read: Url | None = Field(
        default=None, description="A URL for plan, drift and backup, which only read. Not built yet."
    )
    tls: Text | None = Field(
        default=None,
        description="How a server elsewhere is verified: system (the default), the path of a CA file, or"
        " insecure. rds is not built yet.",
    )


class Rollback(Section):
    """How the way back is rehearsed."""

    prove: Annotated[tuple[Proof, ...], Distinct] = Field(
        default=("schema", "data"),
        description="What must be as before after a rollback: schema, data, both, none.",
    )


class Budgets(Section):
    """What a release may cost before it is refused."""

    rewrite: Literal["deny", "warn", "allow"] = Field(
        default="deny", description="What happens when a statement rewrites a table: deny, warn or allow."
    )
    min_rows: int = Field(
        default=10_000, ge=0, description="Tables with fewer rows are not held to the budgets."
    )
    wal: Size = quantity(size, "2GiB", "The most write-ahead log that a release may write, like 2GiB.")
    duration: Duration = quantity(duration, "15min", "The longest that a release may take, like 15min.")


class Compatibility(Section):
    """Queries of the application that must work before and after. Not built yet."""

    queries: LocalPath = Field(description="The files with the queries, like queries/*.sql. Not built yet.")


class RehearsalSection(Section):
    """How a release is rehearsed."""

    source: Literal["auto", "dump", "clone", "schema", "seed"] = Field(
        default="auto",
        alias="from",
        description="What the throwaway is made from: auto or dump. clone, schema and seed are not built yet.",
    )
    prepare: Annotated[tuple[LocalPath, ...], Distinct] = Field(
        default=(), description="SQL files run first, as the throwaway's superuser: roles, extensions."
    )
    seed: Annotated[tuple[LocalPath, ...], Distinct] = Field(
        default=(), description="SQL files run after the copy: masking, sample rows."
    )
    keep: Literal["never", "on_failure"] = Field(
        default="never",
        description="Whether the throwaway outlives the run: never. on_failure is not built yet.",
    )
    rollback: Rollback = section(Rollback)
    budgets: Budgets = section(Budgets)
    compatibility: Compatibility | None = Field(
        default=None, description="Queries of the application that must keep working. Not built yet."
    )


class Identity(Section):
    """What tells this database from every other one; a difference refuses."""

    database: Text | None = Field(default=None, description="The name that current_database() must have.")
    system_identifier: Text | None = Field(
        default=None,
        description="The system identifier that the server must have, in quotes; `pipeline doctor` shows it.",
    )


Power: TypeAlias = Literal[
    "superuser", "pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"
]


class Role(Section):
    """What the role that applies migrations may be."""

    allow: Annotated[tuple[Power, ...], Distinct] = Field(
        default=(),
        description="Powers over the whole server that the role may have here all the same. A protected"
        " environment refuses a role with any other.",
    )


class Limits(Section):
    """How long anything may wait or last; each is held on the server too."""

    wait: Wait = quantity(
        duration_range,
        "50ms..100ms",
        "How long others may queue behind us while we wait for a lock: from the first try to the last.",
    )
    hold: Timeout = quantity(timeout, "1s", "From our first strong lock to COMMIT.")
    statement: Timeout = quantity(timeout, "15min", "The longest that an ordinary statement may run.")
    online: Timeout = quantity(timeout, "6h", "The longest that CONCURRENTLY and VALIDATE may run.")
    connect: Timeout = quantity(timeout, "10s", "The longest that connecting may take.")
    advisory_lock: Timeout = quantity(timeout, "60s", "How long to ask for the lock of the format and our own.")
    run: Timeout = quantity(timeout, "2h", "The longest that the whole run may take.")


class BackupSection(Section):
    """The backup that is taken, restored and compared before anything is applied."""

    method: Literal["pg_dump", "pgbackrest", "command", "snapshot"] = Field(
        default="pg_dump", description="How the backup is taken: pg_dump. The others are not built yet."
    )
    store: LocalPath = Field(
        default=STORE, description="The folder that keeps the backups. A URL is not built yet."
    )
    keep: Duration = quantity(duration, "14d", "How long a backup is kept, like 14d.")
    drill: Drill = Field(
        default="every",
        description="When a backup is restored to see that it can be: every. A duration is not built yet.",
    )


class Ignore(Section):
    """Objects that belong to somebody else: no comparison sees them, until the rule expires."""

    object: Objects = Field(
        description="A kind and a name, * for any text: table partman.*; with a table go its parts."
    )
    reason: Text = Field(description="Why they may differ.")
    owner: Text = Field(description="Who answers for the rule.")
    expires: Day = Field(description='The last day on which the rule holds, in quotes: "2027-01-31".')


class Drift(Section):
    """What happens when the database has moved by itself."""

    before: Literal["block", "warn"] = Field(
        default="block", description="Whether drift found before a promotion blocks it or only warns."
    )
    scope: Literal["touched", "all"] = Field(
        default="touched",
        description="Which drift blocks: where it touches what the release touches (touched), or any (all).",
    )
    interval: Duration | None = Field(
        default=None,
        description="How often `pipeline drift` is scheduled, like 6h: `status` fails when two were missed.",
    )
    ignore: tuple[Ignore, ...] = Field(
        default=(), description="Objects of somebody else, which no comparison sees."
    )


class Failure(Section):
    """What happens after a failed apply."""

    policy: Literal["halt", "rollback"] = Field(
        default="halt", description="Stop and say what to do (halt). rollback is not built yet."
    )


class QueryCheck(Section):
    """A question in SQL and the answer it must have."""

    name: Text = Field(description="What people read: no orders lost.")
    sql: Text = Field(description="One query with one row and one column.")
    expect: Answer = Field(
        description="not_less or unchanged (against the answer before), zero, or the literal answer."
    )


class CommandCheck(Section):
    """A program that must end with 0."""

    name: Text = Field(description="What people read: health.")
    command: tuple[Text, ...] = Field(
        min_length=1, description="The program and its arguments; no shell reads them."
    )


QUERY_CHECK = "a check by query"
COMMAND_CHECK = "a check by command"


def _kind_of_check(value: object) -> str:
    by_command = isinstance(value, CommandCheck) or (isinstance(value, dict) and "command" in value)
    return COMMAND_CHECK if by_command else QUERY_CHECK


Check: TypeAlias = Annotated[
    Annotated[QueryCheck, Tag(QUERY_CHECK)] | Annotated[CommandCheck, Tag(COMMAND_CHECK)],
    Discriminator(_kind_of_check),
]
