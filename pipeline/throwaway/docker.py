"""A throwaway server in a container: on the loopback, with a password nobody knows, its data in memory.

Nothing is pulled unless PIPELINE_DOCKER_PULL=1 asks for it. The engine's libraries load slowly, so they
are imported only once an engine seems to be there.
"""

import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Self

from pipeline.errors import Unavailable
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.target import Target
from pipeline.programs.installations import Installation
from pipeline.throwaway.cluster import CARELESS, SUPERUSER
from pipeline.throwaway.owners import Owner, ourselves
from pipeline.throwaway.places import plenty_of_memory

if TYPE_CHECKING:
    from docker.models.containers import Container
    from testcontainers.core.docker_client import DockerClient

LABEL = "dev.pipeline.throwaway"
DATA = "/throwaway"
PORT = 5432
READY_WITHIN = timedelta(seconds=90)
ATTEMPT = timedelta(seconds=2)
PAUSE = 0.03
LOG_LINES = 15
CONFLICT = 409


@dataclass(frozen=True)
class Usable:
    """The image to use, or None, and why; ``reason`` is for people."""

    image: str | None
    reason: str


@dataclass(frozen=True)
class DockerServer:
    """A running container with a server in it."""

    major: int
    version: str
    container: "Container"
    host: str
    port: str
    password: str
    on_memory: bool
    installation: Installation | None = None
    superuser: str = SUPERUSER

    @property
    def where(self) -> str:
        """Where it runs, for people."""
        return f"PostgreSQL {self.version} in Docker container {self.container.name}"

    def target(self, database: str, user: str | None = None) -> Target:
        """A database of this server, as its superuser or as ``user``, who logs in with the same password."""
        parameters = {
            "host": self.host,
            "port": self.port,
            "dbname": database,
            "user": user or SUPERUSER,
            "password": self.password,
            "sslmode": "disable",
        }
        return Target(label=database, resolve=lambda: parameters)

    def close(self) -> None:
        """Remove the container with its data."""
        _remove(self.container)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def usable_image(major: int, environ: Mapping[str, str]) -> Usable:
    """A local image of PostgreSQL ``major`` on an engine of this machine, or the reason why not."""
    try:
        engine = _engine(environ)
    except Unavailable as error:
        return Usable(None, f"{error.what}: {error.why}")
    try:
        return _find_image(engine, major, environ)
    finally:
        engine.client.close()


def start(major: int, *, environ: Mapping[str, str], expected_bytes: int = 0) -> DockerServer:
    """Start a throwaway of ``major`` and wait until it answers; killed runs' containers go first.

    Raises Unavailable when there is no engine or image, or the server does not start.
    """
    from docker.errors import DockerException  # noqa: PLC0415 - loads slowly

    engine = _engine(environ)
    usable = _find_image(engine, major, environ)
    if usable.image is None:
        raise Unavailable(
            f"no PostgreSQL {major} in Docker",
            why=usable.reason,
            todo=f"docker pull postgres:{major}, or set PIPELINE_DOCKER_PULL=1, or use throwaway: embedded",
        )
    try:
        sweep(engine)
        return _start(engine, usable.image, major, on_memory=plenty_of_memory(expected_bytes))
    except DockerException as error:
        raise Unavailable(f"Docker cannot run {usable.image}", why=str(error)) from error


def sweep(engine: "DockerClient") -> tuple[str, ...]:
    """Remove the containers of ours whose process is gone; returns their names."""
    abandoned: list[Container] = []
    for container in engine.client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
        owner = Owner.from_text(container.labels[LABEL])
        if owner is not None and owner.is_gone():
            abandoned.append(container)
    for container in abandoned:
        _remove(container)
    return tuple(str(container.name) for container in abandoned)


def _engine(environ: Mapping[str, str]) -> "DockerClient":
    """The engine, if its containers can be reached privately; raises Unavailable with the reason."""
    signs = (Path("/var/run/docker.sock"), Path.home() / ".docker")
    if "DOCKER_HOST" not in environ and not any(sign.exists() for sign in signs):
        raise Unavailable("no Docker engine", why="neither DOCKER_HOST nor a local socket")
    from docker.errors import DockerException  # noqa: PLC0415 - loads slowly
    from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415 - loads slowly

    try:
        engine = DockerClient(timeout=30)
        engine.client.ping()
    except DockerException as error:
        raise Unavailable("no Docker engine answers", why=str(error), todo="start Docker") from error
    if engine.host() not in {"localhost", "127.0.0.1", "::1"}:
        raise Unavailable(
            "the Docker engine is on another machine", why="its containers are bound to its loopback"
        )
    return engine


def _find_image(engine: "DockerClient", major: int, environ: Mapping[str, str]) -> Usable:
    from docker.errors import DockerException, ImageNotFound  # noqa: PLC0415 - loads slowly

    wanted = environ.get("PIPELINE_POSTGRES_IMAGE")
    if wanted:
        with suppress(ImageNotFound):
            if _major_of(engine.client.images.get(wanted).attrs) == major:
                return Usable(wanted, f"image {wanted}")
            return Usable(None, f"the image {wanted} is not PostgreSQL {major}")
    tags = [
        tag
        for image in engine.client.images.list("postgres")
        if _major_of(image.attrs) == major
        for tag in image.tags
    ]
    if tags:
        tag = min(tags, key=lambda tag: ("alpine" in tag, len(tag)))
        return Usable(tag, f"image {tag}")
    name = wanted or f"postgres:{major}"
    if environ.get("PIPELINE_DOCKER_PULL") != "1":
        return Usable(None, f"the Docker engine has no image {name}")
    try:
        engine.client.images.pull(name)
    except DockerException as error:
        return Usable(None, f"the image {name} cannot be pulled: {error}")
    return Usable(name, f"image {name}, just pulled")


def _major_of(image: Mapping[str, Mapping[str, Sequence[str] | None]]) -> int | None:
    """What an image says of itself (``PG_MAJOR`` in its environment)."""
    for entry in image.get("Config", {}).get("Env") or ():
        name, _, value = entry.partition("=")
        if name == "PG_MAJOR" and value.isdecimal():
            return int(value)
    return None


def _start(engine: "DockerClient", image: str, major: int, *, on_memory: bool) -> DockerServer:
    from testcontainers.core.config import ConnectionMode  # noqa: PLC0415 - loads slowly

    password = token_urlsafe(24)
    mode = engine.get_connection_mode()
    if mode is ConnectionMode.gateway_ip and engine.client.info().get("Name") != socket.gethostname():
        raise Unavailable("Docker's loopback is not ours", why="we run in a container of another network")
    container = engine.create(
        image,
        command=["postgres", *(part for name, value in CARELESS.items() for part in ("-c", f"{name}={value}"))],
        environment={
            "POSTGRES_PASSWORD": password,
            "POSTGRES_USER": SUPERUSER,
            "POSTGRES_INITDB_ARGS": "--no-sync --encoding=UTF8",
            "PGDATA": f"{DATA}/data",
        },
        labels={LABEL: ourselves().to_text()},
        ports={f"{PORT}/tcp": ("127.0.0.1", 0)} if mode.use_mapped_port else None,
        tmpfs={DATA: "rw"} if on_memory else None,
        shm_size="256m",
    )
    try:
        container.start()
        ident = str(container.id)
        host = "127.0.0.1" if mode.use_mapped_port else engine.bridge_ip(ident)
        port = engine.port(ident, PORT) if mode.use_mapped_port else str(PORT)
        server = DockerServer(major, "", container, host, port, password, on_memory)
        return _when_ready(server)
    except BaseException:
        _remove(container)
        raise


def _when_ready(server: DockerServer) -> DockerServer:
    """The same server with its version, once it answers: a first start inside listens on no port."""
    deadline = time.monotonic() + READY_WITHIN.total_seconds()
    while True:
        try:
            with connected(server.target(SUPERUSER), deadline=ATTEMPT) as session:
                return replace(server, version=_version(session))
        except Unavailable:
            server.container.reload()
            if server.container.status != "running" or time.monotonic() > deadline:
                raise _not_started(server.container) from None
        time.sleep(PAUSE)


def _version(session: Session) -> str:
    [[version]] = session.connection.execute("select pg_catalog.current_setting('server_version')").fetchall()
    return str(version).split(" ", 1)[0]


def _not_started(container: "Container") -> Unavailable:
    said = container.logs(tail=LOG_LINES).decode("utf-8", "replace").strip()
    return Unavailable("the PostgreSQL server in Docker did not start", why=said or "it said nothing")


def _remove(container: "Container") -> None:
    """With its anonymous volumes; whoever removed it already is welcome."""
    from docker.errors import APIError, NotFound  # noqa: PLC0415 - loads slowly

    with suppress(NotFound):
        try:
            container.remove(force=True, v=True)
        except APIError as error:
            if error.status_code != CONFLICT:  # its removal is under way
                raise
