"""A database that nobody changes never seems to have changed, however often one looks."""

import pytest

from pipeline.postgres.connect import Connection
from pipeline.postgres.target import Target
from pipeline.schema.diff import diff, diff_settings
from pipeline.schema.snapshot import take
from tests.postgres.schema.conftest import connect
from tests.postgres.schema.dumps import digests
from tests.postgres.schema.shop import SHOP

CHECKS = 1000
CHECKS_A_CONNECTION = 50


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_thousand_checks_find_no_difference(database: Target, connection: Connection) -> None:
    connection.execute(SHOP)
    first = take(connection, ["shop", "public"])
    for _ in range(CHECKS // CHECKS_A_CONNECTION):
        with connect(database) as another:
            for _ in range(CHECKS_A_CONNECTION):
                again = take(another, ["shop", "public"])
                assert not diff(first, again)
                assert not diff_settings(first, again)
                assert digests(first) == digests(again)
