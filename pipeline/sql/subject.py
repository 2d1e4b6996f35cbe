"""One script as the lint sees it, in plain values: this room does not know what a migration is."""

from enum import Enum
from typing import NamedTuple


class Direction(Enum):
    """Which way a script goes; a callback goes neither."""

    UP = "up"
    DOWN = "down"
    CALL = "call"


class Subject(NamedTuple):
    """One script as the formats know it, in plain values.

    ``path`` is the file for people, ``sql`` the text that is executed, ``label`` names the migration.
    ``separate`` says that its statements are meant to run one by one, outside of a transaction.
    """

    path: str
    sql: str
    label: str = ""
    direction: Direction = Direction.UP
    repeatable: bool = False
    has_down: bool = False
    irreversible: bool = False
    separate: bool = False
