"""Open an environment's database: reach the live one, or start the embedded one that is kept on disk."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from pipeline.config.project import EmbeddedDatabase, LiveDatabase, ThrowawayDatabase
from pipeline.errors import ConfigurationError
from pipeline.formats.model import Surroundings
from pipeline.postgres.target import Target
from pipeline.steps.context import Context

MIGRATION_ROLE = "migrator"
"""The role that owns an embedded database: it logs in, and is no superuser."""


@contextmanager
def opened(context: Context) -> Generator[Target]:
    """The target of the run's environment for the length of a block."""
    environment = context.environment
    match environment.database:
        case EmbeddedDatabase():
            from pipeline.throwaway import embedded  # noqa: PLC0415  # most environments are elsewhere

            name = database_name(context)
            with embedded.keep(
                environment.database.path, database=name, owner=MIGRATION_ROLE, environ=context.environ
            ) as server:
                yield Target(environment.name, server.target(name, MIGRATION_ROLE).resolve)
        case LiveDatabase() as live:
            yield Target(environment.name, lambda: live.parameters(context.environ))
        case ThrowawayDatabase():
            raise ConfigurationError(
                f"environment {environment.name!r} is a throwaway: it lives for one run",
                where=str(context.project.file),
                todo="name an environment with an embedded database or a url",
            )


def surroundings(context: Context) -> Surroundings:
    """What scripts may be told about the run's environment."""
    return Surroundings(
        schema=context.schemas[0],
        folder=str(context.project.root),
        at=context.at.astimezone(),
        connection=_connection(context),
    )


def _connection(context: Context) -> Callable[[], Mapping[str, str]] | None:
    match context.environment.database:
        case EmbeddedDatabase():
            return lambda: {"user": MIGRATION_ROLE, "dbname": database_name(context)}
        case LiveDatabase() as live:
            return lambda: live.parameters(context.environ)
        case ThrowawayDatabase():
            return None


def database_name(context: Context) -> str:
    """The name of the environment's database: as identified, else the project's."""
    return context.environment.identity.database or context.project.project
