"""Write down which database an environment is, for everybody who promotes to it (environments.lock)."""

from collections.abc import Mapping

from pipeline.config import pins
from pipeline.config.pins import Pin
from pipeline.errors import Failed
from pipeline.postgres.connect import Session
from pipeline.postgres.identity import Identity, must_be_as_pinned, pin_of
from pipeline.steps import whole
from pipeline.steps.context import Context
from pipeline.steps.identify import is_pinnable, must_be_as_written, must_be_the_target


def examined(context: Context, session: Session, *, replace: bool) -> Identity:
    """The identity of the database that answers.

    Raises Refused where it is not the one that was pinned or marked; with ``replace``, only where it cannot
    be written, is not what environments.yaml says, or is pinned as another environment.
    """
    if not replace:
        return must_be_the_target(context, session)
    identity = must_be_as_written(context, session)
    name = context.environment.name
    must_be_as_pinned(pin_of(identity, session.target.endpoint), _others(context), environment=name)
    return identity


def pin_identity(context: Context, session: Session, identity: Identity) -> Pin | None:
    """Write the pin; None for a database that is each person's own. Raises Failed where that is impossible."""
    if not is_pinnable(context):
        return None
    pin = pin_of(identity, session.target.endpoint)
    root = context.project.root
    try:
        content = pins.document({**pins.read(root), context.environment.name: pin})
        whole.write(pins.file_of(root), content.encode())
    except OSError as error:
        raise Failed(
            f"{pins.LOCK_FILE} cannot be written",
            where=str(pins.file_of(root)),
            why=error.strerror or str(error),
            todo="make the project's folder writable",
        ) from error
    return pin


def _others(context: Context) -> Mapping[str, Pin]:
    pinned = context.project.pins
    return {name: pin for name, pin in pinned.items() if name != context.environment.name}
