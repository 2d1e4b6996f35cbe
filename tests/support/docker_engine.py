"""Whether Docker tests can run here: an engine that answers and a postgres image that is already local."""

from functools import cache


@cache
def missing_docker() -> str | None:
    """The reason why there is no usable Docker here, or None."""
    import docker  # noqa: PLC0415 - loads slowly, and only when somebody asks
    from docker.errors import DockerException  # noqa: PLC0415

    try:
        client = docker.from_env(timeout=5)
        tags = [tag for image in client.images.list() for tag in image.tags]
        client.close()
    except DockerException as error:
        return f"no Docker engine answers ({type(error).__name__})"
    if not any("postgres:" in tag for tag in tags):
        return "the Docker engine has no postgres image"
    return None
