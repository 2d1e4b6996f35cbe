"""Choose who runs a throwaway server, start it, and clear away what killed runs have left."""

import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Literal

from pipeline.throwaway import docker, embedded, supervisor
from pipeline.throwaway.cluster import PREFIX, hold
from pipeline.throwaway.interface import Server
from pipeline.throwaway.places import SHARED_MEMORY
from pipeline.throwaway.templates import sweep_drafts

BASES = (SHARED_MEMORY, Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - ours there are known by name and mark
Provider = Literal["auto", "docker", "embedded"]


@dataclass(frozen=True)
class Decision:
    """Who runs the server, and why."""

    provider: Literal["docker", "embedded"]
    reason: str


def decide(provider: Provider, major: int, environ: Mapping[str, str]) -> Decision:
    """``auto`` is docker when an engine and a usable image of ``major`` are there, else embedded."""
    if provider != "auto":
        return Decision(provider, "as configured")
    usable = docker.usable_image(major, environ)
    if usable.image is None:
        return Decision("embedded", usable.reason)
    return Decision("docker", usable.reason)


def start(
    provider: Provider,
    major: int,
    *,
    state: Path,
    environ: Mapping[str, str],
    expected_bytes: int = 0,
    tcp: bool = False,
) -> Server:
    """A throwaway server of ``major`` that has room for ``expected_bytes`` of databases.

    With ``tcp``, roles reach it through the loopback, with a password, as they do in Docker in any case. Raises
    Unavailable when the provider has none.
    """
    sweep(state)
    if decide(provider, major, environ).provider == "docker":
        return docker.start(major, environ=environ, expected_bytes=expected_bytes)
    return embedded.start(major, state=state, environ=environ, expected_bytes=expected_bytes, tcp=tcp)


def sweep(state: Path, bases: Iterable[Path] = BASES) -> tuple[str, ...]:
    """Remove what killed runs of ours have left in ``bases`` and nobody uses; returns what was removed.

    There is something only if a supervisor was killed too. Containers are swept when a container is started,
    since only then an engine is asked for.
    """
    sweep_drafts(state)
    removed: list[str] = []
    for base in {base.resolve() for base in (*bases, Path(gettempdir()))}:
        for home in base.glob(f"{PREFIX}{os.geteuid()}-*"):
            with (
                ExitStack() as stack,
                suppress(FileNotFoundError, PermissionError),
            ):  # its supervisor was quicker
                if _is_ours(home) and hold(home, stack):
                    supervisor.stop_orphan(home / supervisor.DATA)
                    supervisor.remove(home)
                    removed.append(str(home))
    return tuple(removed)


def _is_ours(home: Path) -> bool:
    """By owner and mark, and a real folder."""
    real = not home.is_symlink() and home.is_dir()
    return real and home.stat().st_uid == os.geteuid() and (home / supervisor.MARK).is_file()
