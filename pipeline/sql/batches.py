"""Statements become batches: thousands of rows, or a few definitions, are not worth a round trip each.

Each batch goes to the server as one message, as it stands in the script, and is measured as one. The server
still runs its statements one after the other, each within its own time, and an error still has its line.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pipeline.sql.statements import Statement

ROWS = frozenset({"INSERT", "UPDATE", "DELETE"})
SESSION_CALLS = ("pg_advisory_unlock", "set_config")
"""Functions that change the session, wherever they are called: whoever judges a script looks for them."""
LARGEST = 1_000_000
"""How many characters go into a batch: round trips are cheap then, and the server parses little at once."""
FEWEST = 20
"""Fewer in a row are sent, measured and told one by one."""
DEFINITIONS = frozenset({"ALTER", "COMMENT", "CREATE", "DROP", "GRANT", "REVOKE"})
"""The first words of what changes no rows and ends no transaction."""
MOST = 10
"""How many definitions go into a batch: who waits for the answer waits for all of them."""


def batched(script: str, statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements of ``script`` with long runs of INSERTs put together; all else as it is, in order."""
    for mergeable, run in groupby(statements, lambda one: one.kind == "INSERT" and is_plain(one)):
        if not mergeable:
            yield from run
            continue
        for batch in _filled(run):
            yield from batch if len(batch) < FEWEST else [_together(script, batch)]


def in_messages(script: str, statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements of ``script`` with definitions in a row put together: for whom no single one matters."""
    for defining, run in groupby(statements, _defines):
        if not defining:
            yield from run
            continue
        found = list(run)
        for first in range(0, len(found), MOST):
            batch = found[first : first + MOST]
            yield _together(script, batch)


def as_one_message(script: str, statements: Sequence[Statement]) -> Statement | None:
    """All of ``script`` as one message; None unless it is a few definitions and nothing else."""
    if not 0 < len(statements) <= MOST or not all(map(_defines, statements)):
        return None
    return _together(script, statements)


def _defines(statement: Statement) -> bool:
    return statement.transactional and statement.kind.partition(" ")[0] in DEFINITIONS


def is_plain(statement: Statement) -> bool:
    """Whether it does nothing but change rows: there is nothing to judge in it."""
    if statement.parts:
        return True
    return statement.kind in ROWS and statement.transactional and not calls_on_the_session(statement.text)


def calls_on_the_session(text: str) -> bool:
    """Whether one of those functions is named, perhaps in a string or a comment."""
    lowered = text.lower()
    return any(name in lowered for name in SESSION_CALLS)


def _filled(run: Iterable[Statement]) -> Iterator[list[Statement]]:
    """The statements of a run, as many at a time as go into a batch."""
    batch: list[Statement] = []
    for statement in run:
        if batch and _end(statement) - batch[0].offset > LARGEST:
            yield batch
            batch = []
        batch.append(statement)
    yield batch


def _together(script: str, batch: Sequence[Statement]) -> Statement:
    """A batch as one statement; one that is alone as it is."""
    first, last = batch[0], batch[-1]
    if first is last:
        return first
    return first._replace(text=script[first.offset : _end(last)], parts=tuple(one.offset for one in batch))


def _end(statement: Statement) -> int:
    return statement.offset + len(statement.text)
