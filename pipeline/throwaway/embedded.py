"""PostgreSQL on this machine: clusters that are kept in a project's folder, and throwaways beside them."""

import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

from psycopg import errors, sql

from pipeline.errors import Busy, Refused
from pipeline.postgres.connect import connected
from pipeline.programs.installations import choose
from pipeline.throwaway import supervisor
from pipeline.throwaway.binaries import within_reach
from pipeline.throwaway.cluster import SUPERUSER, Cluster, hold, join, start_throwaway
from pipeline.throwaway.door import opened
from pipeline.throwaway.places import Account, reachable, server_account, throwaway_base
from pipeline.throwaway.templates import template_for

OUTSIDE = Path("/var/lib/pipeline")
"""Where the data of a project in a closed home lie when we are root."""
FORGOTTEN = ".forgotten-"
PATIENCE = timedelta(seconds=10)
PAUSE = 0.02


def keep(
    path: Path, *, database: str, owner: str, environ: Mapping[str, str], state: Path | None = None
) -> Cluster:
    """The server of an embedded environment, made at first use: ``owner`` logs in and owns ``database``.

    ``path`` holds nothing else. With ``state``, prepared data are left there for throwaways to copy. Raises
    Unavailable when no PostgreSQL fits or starts, Refused when ``path`` holds something that is not ours.
    """
    account = server_account()
    home = _home(path, account)
    installation = within_reach(choose(_major(home), environ), account)
    server = join(home, installation, template=state and template_for(state, installation))
    try:
        _prepare(server, database, owner)
    except BaseException:
        server.close()
        raise
    return server


def start(
    major: int, *, state: Path, environ: Mapping[str, str], expected_bytes: int = 0, tcp: bool = False
) -> Cluster:
    """A throwaway server of ``major``, for databases of ``expected_bytes`` in all; raises Unavailable.

    With ``tcp``, it is reached through the loopback too, by whoever knows its password.
    """
    account = server_account()
    installation = within_reach(choose(major, environ), account)
    base = throwaway_base(account, expected_bytes)
    template = template_for(state, installation)
    if not tcp:
        return start_throwaway(base, installation, template=template)
    return opened(lambda door: start_throwaway(base, installation, template=template, door=door))


def forget(path: Path, *, patience: timedelta = PATIENCE) -> None:
    """Remove an embedded environment; its server must have no other user.

    Raises Refused when ``path`` is not ours, Busy when somebody still uses it after ``patience``. No path at
    all is fine.
    """
    home = path.resolve()
    if home.exists() and _is_ours(home):
        with ExitStack() as stack:
            _hold(home, patience, stack)
            supervisor.stop_orphan(home / supervisor.DATA)
            home.rename(home.with_name(f"{FORGOTTEN}{token_hex(8)}"))
    if path.is_symlink():
        path.unlink()
    for remains in home.parent.glob(f"{FORGOTTEN}*"):
        if (remains / supervisor.MARK).is_file():
            supervisor.remove(remains)


def _home(path: Path, account: Account | None) -> Path:
    """The cluster's folder, made and marked as ours; it lies elsewhere if the server's user may not enter."""
    if path.is_symlink() and not path.exists():
        path.unlink()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        if reachable(path.parent, account):
            path.mkdir(mode=0o700, exist_ok=True)
        else:
            _make_outside(path)
    home = path.resolve()
    if not _is_ours(home):
        home.chmod(0o711 if account else 0o700)
        (home / supervisor.MARK).touch(mode=0o600)
    return home


def _make_outside(path: Path) -> None:
    """Behind a link, and marked with the path it serves, since a removed project leaves it behind."""
    if not OUTSIDE.exists():
        OUTSIDE.mkdir(parents=True, exist_ok=True)
        OUTSIDE.chmod(0o755)
    real = OUTSIDE / token_hex(8)
    real.mkdir()
    real.chmod(0o711)
    mark = real / supervisor.MARK
    mark.write_text(f"{path}\n", "utf-8", "surrogateescape")
    try:
        path.symlink_to(real)
    except FileExistsError:  # somebody else made one at this moment
        supervisor.remove(real)


def _is_ours(home: Path) -> bool:
    """Whether it bears our mark; raises Refused when it holds something else."""
    if (home / supervisor.MARK).exists():
        return True
    if not home.is_dir() or any(home.iterdir()):
        raise Refused(
            f"{home} is not an embedded database of this tool",
            why=f"it is not empty and has no file {supervisor.MARK}",
            todo="choose another path, or move what is there",
        )
    return False


def _major(home: Path) -> int | None:
    """The major version that wrote the data; None when there are none yet."""
    with suppress(FileNotFoundError):
        return int((home / supervisor.DATA / "PG_VERSION").read_text("ascii"))
    return None


def _prepare(server: Cluster, database: str, owner: str) -> None:
    """Create the owner and the database if they are missing; whoever else does so at this moment is welcome."""
    role, name = sql.Identifier(owner), sql.Identifier(database)
    create_role = sql.SQL("create role {} login nosuperuser nocreaterole nocreatedb")
    create_database = sql.SQL("create database {} owner {} template template0")
    with connected(server.target(SUPERUSER)) as session:
        known = session.connection.execute(
            "select 1 from pg_catalog.pg_database where datname = %s", [database]
        ).fetchall()
        if known:
            return
        for statement in (create_role.format(role), create_database.format(name, role)):
            with suppress(errors.DuplicateObject, errors.DuplicateDatabase, errors.UniqueViolation):
                session.connection.execute(statement)


def _hold(home: Path, patience: timedelta, stack: ExitStack) -> None:
    """Wait while the server of a user who has just left is being stopped, then keep others away."""
    deadline = time.monotonic() + patience.total_seconds()
    while True:
        with ExitStack() as attempt:
            if hold(home, attempt):
                stack.push(attempt.pop_all())
                return
        if time.monotonic() > deadline:
            raise Busy(f"the database in {home} is in use", todo="end the programs that use it, then run again")
        time.sleep(PAUSE)
