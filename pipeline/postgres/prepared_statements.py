"""Prepared statements: what comes with every script the server parses and plans once, not each time.

Only where the script itself cannot be in their way: whoever runs another one takes them back before.
"""

from pipeline.postgres.connect import Connection
from pipeline.postgres.run import BETWEEN, Bound, in_place, pieces
from pipeline.sql.command import Command

TAKE_BACK = Bound("deallocate all")


class PreparedStatements:
    """Those of one session: each has its name for good, and is at the server once it was introduced there."""

    def __init__(self, connection: Connection) -> None:
        """Know of none."""
        self._connection = connection
        self._names: dict[str, str] = {}
        self._introduced = 0

    def bound(self, *commands: Command) -> Bound:
        """Commands by the names of their statements, with values in place."""
        return Bound(BETWEEN.join(map(self._by_name, commands)), len(commands))

    def introduction(self) -> tuple[Bound, ...]:
        """What has the server prepare those that it does not know; sent at once, in front of their names."""
        names = list(self._names.items())
        new = [Bound(f"prepare {name} as {text}") for text, name in names[self._introduced :]]
        first = () if self._introduced else (TAKE_BACK,)
        self._introduced = len(names)
        return (*first, *new)

    def forget(self) -> None:
        """Introduce all of them again: the server may have lost some, or not have heard of them."""
        self._introduced = 0

    def _by_name(self, command: Command) -> str:
        *before, last = pieces(command)
        text = "".join(f"{piece}${number}" for number, piece in enumerate(before, start=1)) + last
        name = self._names.setdefault(text, f"pipeline_{len(self._names) + 1}")
        values = ", ".join(in_place(self._connection, value) for value in command.values)
        return f"execute {name}({values})" if values else f"execute {name}"
