"""A throwaway in a container: reachable by us alone, and swept when its process was killed."""

import os
from collections.abc import Generator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from testcontainers.core.docker_client import DockerClient

from pipeline.errors import Unavailable
from pipeline.postgres.connect import connected
from pipeline.throwaway import docker
from pipeline.throwaway.docker import LABEL, DockerServer
from pipeline.throwaway.interface import Server
from tests.support.docker_engine import docker_major
from tests.support.processes import kill, script, wait_for_line

pytestmark = pytest.mark.docker

HOLD = """
import os, sys
from pipeline.throwaway import docker
server = docker.start(int(sys.argv[1]), environ=os.environ)
print(server.container.id, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def engine() -> Generator[DockerClient]:
    client = DockerClient()
    yield client
    client.client.close()


@pytest.fixture(scope="module")
def major() -> int:
    found = docker_major()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def contained(major: int) -> Generator[DockerServer]:
    with docker.start(major, environ=os.environ) as server:
        yield server


def containers(engine: DockerClient) -> set[str]:
    return {
        str(container.id) for container in engine.client.containers.list(all=True, filters={"label": LABEL})
    }


def test_it_serves_the_major_that_was_asked_for(contained: DockerServer, major: int) -> None:
    server: Server = contained
    with connected(server.target("postgres")) as session:
        assert session.major == major == server.major
        assert server.version.startswith(str(major))


def test_only_the_loopback_reaches_it_and_only_with_its_password(contained: DockerServer) -> None:
    bindings = contained.container.attrs["NetworkSettings"]["Ports"]["5432/tcp"]
    assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}
    assert len(contained.password) >= 22  # 128 bits in base64
    parameters = {**contained.target("postgres").resolve(), "password": "guessed"}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(make_conninfo("", **parameters))


def test_it_is_careless_about_power_cuts_and_tells_where_its_data_lie(contained: DockerServer) -> None:
    with connected(contained.target("postgres")) as session:
        for name in ("fsync", "full_page_writes"):
            [[setting]] = session.connection.execute(
                "SELECT setting FROM pg_catalog.pg_settings WHERE name = %s", [name]
            ).fetchall()
            assert setting == "off"
    assert contained.on_memory == ("/throwaway" in contained.container.attrs["HostConfig"]["Tmpfs"])


def test_a_closed_one_vanishes(engine: DockerClient, major: int) -> None:
    server = docker.start(major, environ=os.environ)
    assert str(server.container.id) in containers(engine)
    server.close()
    assert str(server.container.id) not in containers(engine)
    server.close()  # once more is no error


def test_the_container_of_a_killed_process_is_swept_and_no_other(
    engine: DockerClient, contained: DockerServer, major: int
) -> None:
    holder = script(HOLD, major)
    abandoned = wait_for_line(holder)
    decoy = engine.client.containers.create(contained.container.attrs["Image"], labels={LABEL: "somebody's"})
    try:
        assert abandoned in containers(engine)
        docker.sweep(engine)
        assert abandoned in containers(engine)
        kill(holder)
        docker.sweep(engine)
        assert abandoned not in containers(engine)
        assert {str(decoy.id), str(contained.container.id)} <= containers(engine)
    finally:
        decoy.remove(force=True, v=True)


def test_an_image_that_is_not_there_is_a_reason_and_not_an_exception(major: int) -> None:
    environ = {**os.environ, "PIPELINE_POSTGRES_IMAGE": "none/such:1"}
    assert docker.usable_image(99, environ).image is None
    with pytest.raises(Unavailable) as caught:
        docker.start(99, environ=environ)
    assert "PIPELINE_DOCKER_PULL" in str(caught.value.todo)
    assert docker.usable_image(major, os.environ).image
