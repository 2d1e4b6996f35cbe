"""What a throwaway server is like: private, careless about power cuts, with an identity of its own."""

import os
import stat
from pathlib import Path

import psycopg
import pytest

from pipeline.errors import Unavailable
from pipeline.postgres.connect import connected
from pipeline.programs.installations import choose
from pipeline.throwaway import embedded
from pipeline.throwaway.binaries import within_reach
from pipeline.throwaway.cluster import Cluster, start_throwaway
from pipeline.throwaway.places import server_account
from pipeline.throwaway.start import decide, start
from tests.support.processes import becomes
from tests.support.servers import TestServer


def ask(server: Cluster, question: bytes) -> object:
    with connected(server.target("postgres")) as session:
        [(answer,)] = session.connection.execute(question).fetchall()
    return answer


IDENTITY = b"SELECT system_identifier FROM pg_catalog.pg_control_system()"


def test_it_listens_on_no_address_and_its_folders_are_private(server: TestServer) -> None:
    assert ask(server, b"SELECT pg_catalog.current_setting('listen_addresses')") == ""
    assert stat.S_IMODE((server.home / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert not stat.S_IMODE(server.home.stat().st_mode) & 0o066


def test_it_is_of_the_major_that_was_asked_for_and_speaks_utf8(server: TestServer) -> None:
    version = str(ask(server, b"SELECT pg_catalog.current_setting('server_version')"))
    assert version.startswith(server.version)
    assert ask(server, b"SELECT pg_catalog.current_setting('server_encoding')") == "UTF8"
    assert ask(server, "SELECT pg_catalog.upper('é')".encode()) == "É"


def test_copies_of_prepared_data_are_never_mistaken_for_each_other(state: Path) -> None:
    identities: set[object] = set()
    for _ in range(3):
        with embedded.start(18, state=state, environ=os.environ) as server:
            identities.add(ask(server, IDENTITY))
    assert len(identities) == 3


def test_prepared_data_that_are_damaged_are_replaced_by_fresh_ones(base: Path) -> None:
    installation = within_reach(choose(18, os.environ), server_account())
    (base / "template" / "global").mkdir(parents=True)
    with start_throwaway(base, installation, template=base / "template") as server:
        assert ask(server, b"SELECT 1") == 1


def test_a_closed_server_ends_and_vanishes(state: Path) -> None:
    server = embedded.start(18, state=state, environ=os.environ)
    server.close()
    assert becomes(lambda: not server.home.exists())


def test_a_connected_client_does_not_keep_a_closed_server_alive(state: Path) -> None:
    server = embedded.start(18, state=state, environ=os.environ)
    with psycopg.connect(host=str(server.sockets), user="postgres", dbname="postgres") as connection:
        server.close()
        assert becomes(lambda: not server.home.exists())
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(base: Path) -> None:
    installation = within_reach(choose(18, os.environ), server_account())
    broken = base / "bin"
    broken.mkdir()
    for name in ("initdb", "pg_dump", "pg_restore", "pg_resetwal"):
        (broken / name).symlink_to(installation.program(name))
    (broken / "postgres").write_text("#!/bin/sh\necho no disk today >&2\nexit 1\n")
    (broken / "postgres").chmod(0o755)
    with pytest.raises(Unavailable) as caught:
        start_throwaway(base, type(installation)(18, broken, "a test"))
    assert "no disk today" in str(caught.value.why) or "initdb" in str(caught.value.why)
    assert becomes(lambda: [entry.name for entry in base.iterdir()] == ["bin"])


def test_a_long_path_is_no_hindrance(base: Path) -> None:
    deep = base / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    installation = within_reach(choose(18, os.environ), server_account())
    with start_throwaway(deep, installation) as server:
        assert ask(server, b"SELECT 1") == 1
        assert not server.sockets.is_relative_to(deep)
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    assert becomes(lambda: not server.home.exists() and not server.sockets.exists())


def test_without_docker_a_throwaway_is_embedded_and_says_why(state: Path) -> None:
    decision = decide("auto", 18, {**os.environ, "PIPELINE_POSTGRES_IMAGE": "none/such:18"})
    assert decision.provider == "embedded"
    assert "Docker" in decision.reason
    with start("embedded", 18, state=state, environ=os.environ) as server:
        assert server.major == 18


def test_a_major_that_is_not_there_is_unavailable_and_told_how_to_get(state: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        embedded.start(11, state=state, environ=os.environ)
    assert "apt-get install postgresql-11" in str(caught.value.todo)
