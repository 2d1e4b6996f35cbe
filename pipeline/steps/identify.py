"""Is this the database that the environment means? Asked before a plan is made, and again before a write."""

from pipeline.config.project import EmbeddedDatabase
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity, identify, must_be, must_be_as_pinned, pin_of
from pipeline.postgres.marker import must_be_marked
from pipeline.steps.context import Context


def must_be_the_target(context: Context, session: Session) -> Identity:
    """Refuse a database that is not the environment's.

    Another name or server than the file says, a standby, another database than was pinned, one that is
    pinned or marked as another environment, a copy.
    """
    identity = must_be_as_written(context, session)
    if is_pinnable(context):
        found = pin_of(identity, session.target.endpoint)
        must_be_as_pinned(found, context.project.pins, environment=context.environment.name)
    must_be_marked(session, identity, context.environment.name)
    return identity


def must_be_as_written(context: Context, session: Session) -> Identity:
    """Refuse a standby, and a database that has another name or server than environments.yaml says."""
    identity = identify(session)
    expected = context.environment.identity
    must_be(
        identity,
        label=context.environment.name,
        database=expected.database,
        system_identifier=expected.system_identifier,
    )
    return identity


def is_pinnable(context: Context) -> bool:
    """Whether the database is one and the same for everybody: what we keep in a folder is each person's own."""
    return not isinstance(context.environment.database, EmbeddedDatabase)
