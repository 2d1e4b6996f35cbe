"""Take a snapshot: a fixed handful of catalog queries become one value.

A thread of its own asks the questions: while we put one answer together, the server is at work on the next.
"""

import gc
from collections.abc import Collection, Generator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from pipeline.postgres.connect import Connection
from pipeline.postgres.pinned import pinned
from pipeline.schema.model import Snapshot
from pipeline.schema.reading import Asker, Reader, read


def take(
    connection: Connection, managed: Sequence[str], *, exclude_tables: Collection[tuple[str, str]] = ()
) -> Snapshot:
    """The shape of the ``managed`` schemas and of what belongs to the whole database.

    ``exclude_tables`` (schema, name) are left out with everything that hangs on them, as are members of
    extensions. It is taken in one read-only transaction, or in the one that is open; the answer does not
    depend on settings or privileges of the session.
    """
    with pinned(connection) as cursor, without_collections(), _asking() as asking:
        reader = Reader(cursor, connection.info.server_version)
        reader.settle(managed, exclude_tables)
        read(Asker.ahead_of(reader, asking))
        assembly, settings = read(reader)
        return assembly.snapshot(settings, reader.origin)


@contextmanager
def without_collections() -> Generator[None]:
    """A snapshot in the making holds no cycles, and each full collection would look through all of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _asking() -> Generator[Executor]:
    """A thread that asks one question after the other, and no more of them once the block is left."""
    asking = ThreadPoolExecutor(1, "snapshot")
    try:
        yield asking
    finally:
        asking.shutdown(cancel_futures=True)
