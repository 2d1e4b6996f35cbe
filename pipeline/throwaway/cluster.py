"""A PostgreSQL on a folder of ours: started for its first user, stopped after its last, also if all are killed.

We only join the users (a shared lock) and leave again; the work is the supervisor's, who outlives us.
"""

import fcntl
import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import Self

from pipeline.errors import Busy, Failed, Unavailable
from pipeline.postgres.target import Target
from pipeline.programs.installations import Installation
from pipeline.programs.run import lean, run
from pipeline.throwaway import supervisor
from pipeline.throwaway.places import Account, on_memory, server_account, socket_folder

SUPERUSER = "postgres"
PREFIX = "pipeline-throwaway-"
DEADLINE = timedelta(seconds=60)
PATIENCE = timedelta(seconds=10)
PAUSE = 0.002
LOG_LINES = 15
BUILTIN_LOCALES_SINCE = 17

PORT = "5432"
LOOPBACK = "127.0.0.1"
SCRAM = "scram-sha-256"
COMMON: Mapping[str, str] = MappingProxyType(
    {"listen_addresses": "", "port": PORT, "logging_collector": "off", "log_destination": "stderr"}
)
CARELESS: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_prepared_transactions": "10"}
)
"""A throwaway need not survive a power cut; prepared transactions are possible, as they may be in prod."""


@dataclass(frozen=True)
class Door:
    """A way in through the loopback, for programs that know no sockets: its port, and what it asks for."""

    port: str
    password: str = field(repr=False)


@dataclass
class Cluster:
    """A running server on ``home``, and our place among its users (``users``, the locked file)."""

    home: Path
    installation: Installation
    sockets: Path
    users: ExitStack
    superuser: str = SUPERUSER
    door: Door | None = None

    @property
    def major(self) -> int:
        """The major version, ``18``."""
        return self.installation.major

    @property
    def version(self) -> str:
        """The full version, ``18.6``."""
        return self.installation.version

    @property
    def where(self) -> str:
        """Where it runs, for people."""
        return f"PostgreSQL {self.version} ({self.installation.origin}) on {self.home}"

    @property
    def on_memory(self) -> bool:
        """Whether its data lie on a memory file system."""
        return on_memory(self.home)

    def target(self, database: str, user: str | None = None) -> Target:
        """A database of this server, as its superuser or as ``user``; the socket's folder is the only key.

        Where there is a door, a ``user`` comes through it and the superuser by the socket all the same.
        """
        parameters = {"host": str(self.sockets), "port": PORT, "dbname": database, "user": user or SUPERUSER}
        if self.door is not None:
            parameters |= {"port": self.door.port, "password": self.door.password}
            parameters |= {"host": LOOPBACK, "sslmode": "disable"} if user is not None else {}
        return Target(label=database, resolve=lambda: parameters)

    def close(self) -> None:
        """Leave the users; when we were the last, the supervisor stops the server. Costs nothing."""
        self.users.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start_throwaway(
    base: Path, installation: Installation, *, template: Path | None = None, door: Door | None = None
) -> Cluster:
    """A new server on a new folder in ``base`` that vanishes with us.

    ``template`` is prepared data to copy; where there is none yet, a copy of the new data is left there. It
    listens at the ``door``, but lets nobody in there yet.
    Raises Unavailable, with the end of the server's log, when it does not start.
    """
    home = base / f"{PREFIX}{os.geteuid()}-{token_hex(8)}"
    with ExitStack() as users:
        with ExitStack() as until_joined:
            _launch(home, installation, template, None, until_joined, door=door)
            lock = _open(home / supervisor.USERS, users)
            fcntl.flock(lock, fcntl.LOCK_SH)
        sockets = _until_ready(home)
        return Cluster(home, installation, sockets, users.pop_all(), door=door)


def join(home: Path, installation: Installation, *, template: Path | None = None) -> Cluster:
    """The server of a folder that is kept, started (and at first made) if nobody uses it yet.

    Raises Unavailable as ``start_throwaway``, Busy when the last user's server does not end in time.
    """
    with ExitStack() as users:
        _join_users(home, users)
        deadline = time.monotonic() + DEADLINE.total_seconds()
        launched = False
        while (sockets := _ready(home)) is None:
            with ExitStack() as claimed:
                claim = _try_lock(home / supervisor.SUPERVISOR, claimed)
                if claim is not None and launched:
                    raise _not_started(home)
                if claim is not None:
                    _launch(home, installation, template, claim, claimed)
                    launched = True
            _pause_until(deadline, home)
        return Cluster(home, installation, sockets, users.pop_all())


def in_use(home: Path) -> bool:
    """Whether somebody uses the server of this folder, or it has not quite ended yet."""
    with ExitStack() as stack:
        return not hold(home, stack)


def hold(home: Path, stack: ExitStack) -> bool:
    """Keep users and supervisors away from an unused folder until the stack ends; False when it is in use."""
    locks = (home / supervisor.SUPERVISOR, home / supervisor.USERS)
    return all(_try_lock(lock, stack) is not None for lock in locks)


def _join_users(home: Path, users: ExitStack) -> None:
    """Wait while the server of earlier users is being stopped; the folder may be gone and made anew then."""
    path = home / supervisor.USERS
    deadline = time.monotonic() + DEADLINE.total_seconds()
    while time.monotonic() < deadline:
        with ExitStack() as stack:
            lock = _open(path, stack)
            with suppress(BlockingIOError, FileNotFoundError):
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(lock), path.stat()):
                    users.push(stack.pop_all())
                    return
        time.sleep(PAUSE)
    raise Busy(f"the server of {home} is still being stopped", todo="try again in a moment")


def _launch(
    home: Path,
    installation: Installation,
    template: Path | None,
    claim: int | None,
    until_joined: ExitStack,
    *,
    door: Door | None = None,
) -> None:
    """Start a supervisor; it takes us for a user until ``until_joined`` ends."""
    account = server_account()
    read, write = os.pipe()
    until_joined.callback(os.close, write)
    plan = _plan(home, installation, template, account, lifeline=read, claim=claim, door=door)
    try:
        run(
            [sys.executable, "-I", "-S", supervisor.__file__, json.dumps(plan._asdict())],
            timeout=DEADLINE,
            env=lean(TZ="UTC"),
            cwd=Path("/"),
            pass_fds=[read] if claim is None else [read, claim],
        )
    except Failed as error:
        raise Unavailable(f"no PostgreSQL server can be started on {home}", why=error.why) from error
    finally:
        os.close(read)


def _plan(
    home: Path,
    installation: Installation,
    template: Path | None,
    account: Account | None,
    *,
    lifeline: int,
    claim: int | None,
    door: Door | None,
) -> supervisor.Plan:
    throwaway = claim is None
    half = str(home / supervisor.HALF_MADE)
    sockets = socket_folder(home, account)
    settings = {**COMMON, "unix_socket_directories": str(sockets), **(CARELESS if throwaway else {})}
    if door is not None:
        settings |= {"listen_addresses": LOOPBACK, "port": door.port, "password_encryption": SCRAM}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return supervisor.Plan(
        home=str(home),
        throwaway=throwaway,
        postgres=[str(installation.program("postgres")), "-D", str(home / supervisor.DATA), *options],
        initdb=_initdb(installation, half, sync=not throwaway),
        new_identity=[str(installation.program("pg_resetwal")), "-f", "-D", half],
        sockets=str(sockets),
        account=None if account is None else [account.uid, account.gid],
        template=None if template is None else str(template),
        lifeline=lifeline,
        claim=claim,
        patience=PATIENCE.total_seconds(),
    )


def _initdb(installation: Installation, data: str, *, sync: bool) -> list[list[str]]:
    """How to make the data: UTF-8 with a locale that means the same everywhere, else plain C."""
    argv = [str(installation.program("initdb")), "-D", data, "-U", SUPERUSER, "-E", "UTF8"]
    argv += ["--auth-local=trust", "--auth-host=reject", *([] if sync else ["--no-sync"])]
    if installation.major >= BUILTIN_LOCALES_SINCE:
        return [[*argv, "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]]
    return [[*argv, "--locale=C.UTF-8"], [*argv, "--locale=C"]]


def _until_ready(home: Path) -> Path:
    deadline = time.monotonic() + DEADLINE.total_seconds()
    while (sockets := _ready(home)) is None:
        if not supervised(home):
            raise _not_started(home)
        _pause_until(deadline, home)
    return sockets


def _ready(home: Path) -> Path | None:
    """The socket's folder once the server accepts connections that a living supervisor has started."""
    try:
        with (home / supervisor.POSTMASTER).open("rb") as announced:
            if _is_unlocked(announced.fileno()):
                return None
            started = announced.read().split()[0]
        lines = (home / supervisor.DATA / "postmaster.pid").read_bytes().splitlines()
    except FileNotFoundError:
        return None
    pid, _, _, _, sockets, _, _, status, *_ = [*lines, *([b""] * 8)]
    return Path(os.fsdecode(sockets)) if pid == started and status.strip() == b"ready" else None


def _is_unlocked(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return True
    return False


def supervised(home: Path) -> bool:
    """Whether somebody looks after the server of this folder: starts, keeps or stops it."""
    with ExitStack() as stack:
        return _try_lock(home / supervisor.SUPERVISOR, stack) is None


def _pause_until(deadline: float, home: Path) -> None:
    if time.monotonic() > deadline:
        raise _not_started(home)
    time.sleep(PAUSE)


def _not_started(home: Path) -> Unavailable:
    try:
        lines = (home / supervisor.LOG).read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    said = "\n".join(lines[-LOG_LINES:])
    return Unavailable(f"the PostgreSQL server on {home} did not start", why=said or "it left no log")


def _open(path: Path, stack: ExitStack) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    stack.callback(os.close, descriptor)
    return descriptor


def _try_lock(path: Path, stack: ExitStack) -> int | None:
    """The exclusive lock of ``path``, held until the stack ends; None when somebody else has it."""
    descriptor = _open(path, stack)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return descriptor
