"""The parts of an environment in environments.yaml, as frozen values with their defaults.

The whole shape stands here, also what is not built yet: ``pipeline.config.judging.unbuilt`` refuses that by
name. Every key has a description, because editors show it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar, Final, Literal, TypeAlias

from pipeline.config.fields import (
    ANSWER,
    DAY,
    DRILL,
    DURATION,
    OBJECTS,
    PATH,
    SIZE,
    TEXT,
    TIMEOUT,
    URL,
    WAIT,
)
from pipeline.config.quantities import DurationRange
from pipeline.shapes.kinds import Items, OneOf, Whole
from pipeline.shapes.section import Either, Nested, Section, key

Provider: TypeAlias = Literal["auto", "docker", "embedded"]
Proof: TypeAlias = Literal["schema", "data"]
Power: TypeAlias = Literal[
    "superuser", "pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"
]

STORE = "backups"

_PROOF: Final[OneOf[Proof]] = OneOf("schema", "data")
_POWER: Final[OneOf[Power]] = OneOf(
    "superuser", "pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"
)


class DatabaseSection(Section):
    """Where the database is: exactly one of ``embedded``, ``throwaway`` and ``url``."""

    exactly_one: ClassVar[tuple[str, ...]] = ("embedded", "throwaway", "url")
    only_with: ClassVar[Mapping[str, str]] = {"tls": "url", "read": "url"}

    embedded: str | None = key(PATH, "A PostgreSQL that this tool keeps for you in this folder.", default=None)
    throwaway: Literal["auto", "docker", "embedded", "server"] | None = key(
        OneOf("auto", "docker", "embedded", "server"),
        "A database that lives for one run: in docker, embedded, or whichever is there (auto)."
        " server is not built yet.",
        default=None,
    )
    url: str | None = key(
        URL,
        "postgresql://… by reference: ${NAME}, file:path or command:…; never with a password.",
        default=None,
    )
    read: str | None = key(
        URL, "A URL for plan, drift and backup, which only read. Not built yet.", default=None
    )
    tls: str | None = key(
        TEXT,
        "How a server elsewhere is verified: system (the default), the path of a CA file, or"
        " insecure. rds is not built yet.",
        default=None,
    )


class Rollback(Section):
    """How the way back is rehearsed."""

    prove: tuple[Proof, ...] = key(
        Items(_PROOF, distinct=True),
        "What must be as before after a rollback: schema, data, both, none.",
        default=("schema", "data"),
    )


class Budgets(Section):
    """What a release may cost before it is refused."""

    rewrite: Literal["deny", "warn", "allow"] = key(
        OneOf("deny", "warn", "allow"),
        "What happens when a statement rewrites a table: deny, warn or allow.",
        default="deny",
    )
    min_rows: int = key(Whole(least=0), "Tables with fewer rows are not held to the budgets.", default=10_000)
    wal: int = key(SIZE, "The most write-ahead log that a release may write, like 2GiB.", default="2GiB")
    duration: timedelta = key(DURATION, "The longest that a release may take, like 15min.", default="15min")


class Compatibility(Section):
    """Queries of the application that must work before and after. Not built yet."""

    queries: str = key(PATH, "The files with the queries, like queries/*.sql. Not built yet.")


class RehearsalSection(Section):
    """How a release is rehearsed."""

    source: Literal["auto", "dump", "clone", "schema", "seed"] = key(
        OneOf("auto", "dump", "clone", "schema", "seed"),
        "What the throwaway is made from: auto or dump. clone, schema and seed are not built yet.",
        default="auto",
        name="from",
    )
    prepare: tuple[str, ...] = key(
        Items(PATH, distinct=True),
        "SQL files run first, as the throwaway's superuser: roles, extensions.",
        default=(),
    )
    seed: tuple[str, ...] = key(
        Items(PATH, distinct=True), "SQL files run after the copy: masking, sample rows.", default=()
    )
    keep: Literal["never", "on_failure"] = key(
        OneOf("never", "on_failure"),
        "Whether the throwaway outlives the run: never. on_failure is not built yet.",
        default="never",
    )
    rollback: Rollback = key(Nested(Rollback), default={})
    budgets: Budgets = key(Nested(Budgets), default={})
    compatibility: Compatibility | None = key(
        Nested(Compatibility),
        "Queries of the application that must keep working. Not built yet.",
        default=None,
    )


class Identity(Section):
    """What tells this database from every other one; a difference refuses."""

    database: str | None = key(TEXT, "The name that current_database() must have.", default=None)
    system_identifier: str | None = key(
        TEXT,
        "The system identifier that the server must have, in quotes; `pipeline doctor` shows it.",
        default=None,
    )


class Role(Section):
    """What the role that applies migrations may be."""

    allow: tuple[Power, ...] = key(
        Items(_POWER, distinct=True),
        "Powers over the whole server that the role may have here all the same. A protected"
        " environment refuses a role with any other.",
        default=(),
    )


class Limits(Section):
    """How long anything may wait or last; each is held on the server too."""

    wait: DurationRange = key(
        WAIT,
        "How long others may queue behind us while we wait for a lock: from the first try to the last.",
        default="50ms..100ms",
    )
    hold: timedelta = key(TIMEOUT, "From our first strong lock to COMMIT.", default="1s")
    statement: timedelta = key(TIMEOUT, "The longest that an ordinary statement may run.", default="15min")
    online: timedelta = key(TIMEOUT, "The longest that CONCURRENTLY and VALIDATE may run.", default="6h")
    connect: timedelta = key(TIMEOUT, "The longest that connecting may take.", default="10s")
    advisory_lock: timedelta = key(
        TIMEOUT, "How long to ask for the lock of the format and our own.", default="60s"
    )
    run: timedelta = key(TIMEOUT, "The longest that the whole run may take.", default="2h")


class BackupSection(Section):
    """The backup that is taken, restored and compared before anything is applied."""

    method: Literal["pg_dump", "pgbackrest", "command", "snapshot"] = key(
        OneOf("pg_dump", "pgbackrest", "command", "snapshot"),
        "How the backup is taken: pg_dump. The others are not built yet.",
        default="pg_dump",
    )
    store: str = key(PATH, "The folder that keeps the backups. A URL is not built yet.", default=STORE)
    keep: timedelta = key(DURATION, "How long a backup is kept, like 14d.", default="14d")
    drill: timedelta | Literal["every"] = key(
        DRILL,
        "When a backup is restored to see that it can be: every. A duration is not built yet.",
        default="every",
    )


class Ignore(Section):
    """Objects that belong to somebody else: no comparison sees them, until the rule expires."""

    object: str = key(OBJECTS, "A kind and a name, * for any text: table partman.*; with a table go its parts.")
    reason: str = key(TEXT, "Why they may differ.")
    owner: str = key(TEXT, "Who answers for the rule.")
    expires: date = key(DAY, 'The last day on which the rule holds, in quotes: "2027-01-31".')


class Drift(Section):
    """What happens when the database has moved by itself."""

    before: Literal["block", "warn"] = key(
        OneOf("block", "warn"),
        "Whether drift found before a promotion blocks it or only warns.",
        default="block",
    )
    scope: Literal["touched", "all"] = key(
        OneOf("touched", "all"),
        "Which drift blocks: where it touches what the release touches (touched), or any (all).",
        default="touched",
    )
    interval: timedelta | None = key(
        DURATION,
        "How often `pipeline drift` is scheduled, like 6h: `status` fails when two were missed.",
        default=None,
    )
    ignore: tuple[Ignore, ...] = key(
        Items(Nested(Ignore)), "Objects of somebody else, which no comparison sees.", default=()
    )


class Failure(Section):
    """What happens after a failed apply."""

    policy: Literal["halt", "rollback"] = key(
        OneOf("halt", "rollback"),
        "Stop and say what to do (halt). rollback is not built yet.",
        default="halt",
    )


class QueryCheck(Section):
    """A question in SQL and the answer it must have."""

    name: str = key(TEXT, "What people read: no orders lost.")
    sql: str = key(TEXT, "One query with one row and one column.")
    expect: bool | int | float | str = key(
        ANSWER, "not_less or unchanged (against the answer before), zero, or the literal answer."
    )


class CommandCheck(Section):
    """A program that must end with 0."""

    name: str = key(TEXT, "What people read: health.")
    command: tuple[str, ...] = key(Items(TEXT, least=1), "The program and its arguments; no shell reads them.")


CHECK: Final = Either(QueryCheck, CommandCheck, by="command")
