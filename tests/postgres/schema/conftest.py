"""Connections for the tests of the schema room: one database per server for what is rolled back again."""

from collections.abc import Generator

import psycopg
import pytest

from pipeline.postgres.connect import Connection
from pipeline.postgres.target import Target
from tests.support import servers as support


def connect(target: Target) -> Connection:
    """A bare connection, with the settings a stranger's session would have."""
    return psycopg.connect(autocommit=True, **target.resolve())  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="session")
def resident(server: support.TestServer) -> Generator[Connection]:
    """A connection to a database of each server that every test leaves as it was."""
    name = support.create_database(server)
    with connect(server.target(name)) as connection:
        yield connection
    support.drop_database(server, name)


@pytest.fixture
def transaction(resident: Connection) -> Generator[Connection]:
    """A connection in a transaction that is rolled back."""
    with resident.transaction(force_rollback=True):
        yield resident


@pytest.fixture
def connection(database: Target) -> Generator[Connection]:
    """A connection to a database of the test's own."""
    with connect(database) as connection:
        yield connection
