"""A throwaway that programs reach which know no sockets: on the loopback only, and with its password only."""

import os
import socket
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pipeline.errors import Unavailable
from pipeline.postgres.connect import connected
from pipeline.throwaway import door, embedded
from pipeline.throwaway.cluster import Cluster, Door


@pytest.fixture(scope="module", params=[15, 18])
def server(request: pytest.FixtureRequest, state: Path) -> Generator[Cluster]:
    with embedded.start(request.param, state=state, environ=os.environ, tcp=True) as made:
        assert made.door is not None
        with connected(made.target("postgres")) as session:
            text = sql.SQL("create role somebody login password {}").format(sql.Literal(made.door.password))
            session.connection.execute(text)
        yield made


pytestmark = pytest.mark.pg15


def test_a_role_comes_in_with_the_password(server: Cluster) -> None:
    with connected(server.target("postgres", "somebody")) as session:
        assert session.connection.info.host == "127.0.0.1"
        [[user]] = session.connection.execute("select current_user").fetchall()
    assert user == "somebody"


@pytest.mark.parametrize("password", ["", "guessed"])
def test_nobody_comes_in_without_it(server: Cluster, password: str) -> None:
    for user in ("somebody", "postgres"):
        target = server.target("postgres", user).elsewhere(password=password)
        with pytest.raises(Unavailable), connected(target):
            pytest.fail("it let us in")


def test_it_listens_on_the_loopback_only_and_keeps_no_password_in_the_clear(server: Cluster) -> None:
    with connected(server.target("postgres")) as session:
        rows = session.connection.execute("select rolpassword from pg_authid where rolpassword is not null")
        assert all(str(password).startswith("SCRAM-SHA-256$") for (password,) in rows)
        [[listens]] = session.connection.execute("show listen_addresses").fetchall()
    assert listens == "127.0.0.1"


def test_where_the_port_was_taken_meanwhile_another_one_is_tried(state: Path) -> None:
    taken: list[str] = []

    def start(found: Door) -> Cluster:
        if taken:
            return embedded.start_throwaway(base, installation, door=found)
        with socket.create_server(("127.0.0.1", int(found.port))):
            taken.append(found.port)
            return embedded.start_throwaway(base, installation, door=found)

    with embedded.start(18, state=state, environ=os.environ) as other:
        base, installation = other.home.parent, other.installation
    with door.opened(start) as made:
        assert made.door is not None
        assert taken != [made.door.port]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host="127.0.0.1", port=int(taken[0]), user="postgres", connect_timeout=2)
