"""A SQL command as data, so that rooms without a driver can say exactly what a server shall be told.

``text`` is a literal; identifiers go into ``{name}`` slots, values into ``%(name)s`` or ``%s``. Only
``pipeline.postgres`` turns a Command into bytes, and quotes its identifiers there.
"""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import LiteralString, NamedTuple


class ByServer(Enum):
    """A value that the server fills in."""

    ELAPSED = auto()
    """Whole milliseconds since the message came in which the command stands."""


Milliseconds = int | ByServer


class Command(NamedTuple):
    """One SQL command: literal text, identifiers by slot (each a dotted path), values for the driver."""

    text: LiteralString
    identifiers: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    values: Sequence[object] = ()
