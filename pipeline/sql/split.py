"""A script becomes its statements; the door for everybody who needs no trees."""

from pipeline.sql.statements import Statement
from pipeline.sql.unreadable import UnreadableSql

__all__ = ["UnreadableSql", "split", "taken_apart"]


def split(text: str) -> tuple[Statement, ...]:
    """The statements of a script in their order.

    A statement's text runs from its first word to its last; what lies between two statements is only white
    space, comments, semicolons and the data of COPY … FROM STDIN. Raises UnreadableSql on text that
    PostgreSQL's grammar rejects and on COPY that needs a client: to STDOUT, or from STDIN without data.
    """
    # The grammar is loaded when the first script is split: many runs split none.
    from pipeline.sql.examine import without_trees  # noqa: PLC0415

    return tuple(without_trees(text))


def taken_apart(text: str) -> tuple[Statement, ...]:
    """The same with long runs of INSERTs put together: as they are sent, looked at and measured.

    A script is read by whoever judges it and by whoever runs it: it is taken apart once.
    """
    from pipeline.sql.examine import remembered  # noqa: PLC0415

    return remembered(text)
