"""The schema that is measured is what its description says."""

from collections import Counter

import pytest

from bench.shapes import AT_ONCE, COLUMNS, ENUMS, build
from pipeline.postgres.connect import connected
from pipeline.postgres.target import Target
from pipeline.schema.snapshot import take

TABLES = AT_ONCE + 10


@pytest.mark.parametrize("server", [18], indirect=True)
def test_tables_come_with_all_that_hangs_on_them(database: Target) -> None:
    with connected(database) as session:
        build(session.connection, TABLES)
        snapshot = take(session.connection, ["public"])
    kinds = Counter(key.kind for key in snapshot.objects)
    assert kinds["table"] == TABLES
    assert kinds["column"] == TABLES * COLUMNS
    assert kinds["index"] == 2 * TABLES
    assert kinds["constraint"] == 3 * TABLES + TABLES // 3
    assert kinds["view"] == kinds["function"] == kinds["trigger"] == TABLES // 10
    assert sum("comment" in properties for properties in snapshot.objects.values()) >= TABLES // 10
    assert kinds["type"] == ENUMS
