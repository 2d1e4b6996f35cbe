"""Connections for the tests of the schema room: one database per server for what is rolled back again."""

from collections.abc import Generator

import psycopg
import pytest

from pipeline.postgres.connect import Connection
from pipeline.postgres.target import Target
from tests.conftest import lack
from tests.support import servers as support

IN_PLACE_SINCE = 15
"""The first major whose tablespaces may lie within the data folder."""


def connect(target: Target) -> Connection:
    """A bare connection, with the settings a stranger's session would have."""
    return psycopg.connect(autocommit=True, **target.resolve())  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="session", params=support.SCHEMA_MAJORS, ids=lambda major: f"pg{major}")
def server(request: pytest.FixtureRequest, servers: support.Servers) -> support.TestServer:
    """A running server, once for each major whose catalogs are read."""
    major = int(request.param)
    if reason := support.missing_majors([major]).get(major):
        lack(request.config, reason)
    return servers.get(major)


@pytest.fixture(scope="session")
def spacious(server: support.TestServer) -> Generator[support.TestServer]:
    """The server with a tablespace named ``elsewhere``, from 15 on: no transaction can make one."""
    if server.major < IN_PLACE_SINCE:
        yield server
        return
    with support.as_superuser(server) as connection:
        connection.execute("set allow_in_place_tablespaces = on")
        connection.execute("create tablespace elsewhere location ''")
        yield server
        connection.execute("drop tablespace elsewhere")


@pytest.fixture(scope="session")
def resident(spacious: support.TestServer) -> Generator[Connection]:
    """A connection to a database of each server that every test leaves as it was."""
    name = support.create_database(spacious)
    with connect(spacious.target(name)) as connection:
        yield connection
    support.drop_database(spacious, name)


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
