"""Whether Docker tests can run here: an engine that answers and a postgres image that is already local."""

import os
import tempfile
from functools import cache
from pathlib import Path

from pipeline.throwaway.docker import usable_image
from tests.support.servers import WANTED_MAJORS


def use_the_tests_own_engine() -> None:
    """Where nobody chose an engine, take the one that ``tests/support/docker/start.sh`` has left running."""
    folder = Path(os.environ.get("DOCKER_TESTS_DIR", Path(tempfile.gettempdir()) / "pipeline-docker"))
    if "DOCKER_HOST" not in os.environ and (folder / "docker.sock").is_socket():
        os.environ["DOCKER_HOST"] = f"unix://{folder / 'docker.sock'}"
        os.environ.setdefault("PIPELINE_POSTGRES_IMAGE", "local/postgres:15")


@cache
def docker_major() -> int | None:
    """The major version that Docker can run here."""
    return next((major for major in WANTED_MAJORS if usable_image(major, os.environ).image), None)


@cache
def missing_docker() -> str | None:
    """The reason why there is no usable Docker here, or None."""
    return None if docker_major() else usable_image(WANTED_MAJORS[0], os.environ).reason
