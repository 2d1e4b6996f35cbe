"""Where a server of ours may lie, and as whom it runs: not as root, and not in a closed home."""

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from pipeline.errors import Unavailable

ACCOUNTS = ("postgres", "nobody")
LONGEST_SOCKET_FOLDER = 85
"""Bytes; a socket's whole path must stay under 104 on macOS and 108 on Linux."""
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only a private folder in it is used
MEMORY_TYPES = frozenset({"tmpfs", "ramfs"})
PLENTY = 2 << 30
COPIES = 4
"""How many times a database's size must be free: its restore, its WAL, a rewrite, and some room."""


@dataclass(frozen=True)
class Account:
    """The user that a server runs as when we are root."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Whom a server runs as: ourselves (None), but for root, who must send somebody else."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Unavailable(
        "no user to run PostgreSQL as",
        why="PostgreSQL refuses to run as root, and there is neither a user 'postgres' nor 'nobody'",
        todo="run as an ordinary user, or add a system user named postgres",
    )


def reachable(path: Path, account: Account | None) -> bool:
    """Whether ``account`` may walk to ``path`` and into it (or, of a file, run it); we ourselves always may."""
    if account is None:
        return True
    real = path.resolve()
    return all(_may_enter(place, account) for place in (real, *real.parents) if place.exists())


def _may_enter(place: Path, account: Account) -> bool:
    status = place.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def throwaway_base(account: Account | None, expected_bytes: int) -> Path:
    """Where throwaway data go: memory if there is plenty of it, else the folder for temporary files."""
    if plenty_of_memory(expected_bytes):
        return SHARED_MEMORY
    for base in (Path(gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - private folders within
        if base.is_dir() and os.access(base, os.W_OK) and reachable(base, account):
            return base.resolve()
    who = account.name if account else "you"
    raise Unavailable(f"no folder for temporary files that {who} may enter", todo="set TMPDIR to one")


def plenty_of_memory(expected_bytes: int) -> bool:
    """Whether databases of that size may lie in memory without making it scarce for others."""
    wanted = COPIES * expected_bytes + PLENTY
    if not os.access(SHARED_MEMORY, os.W_OK) or not on_memory(SHARED_MEMORY):
        return False
    room = os.statvfs(SHARED_MEMORY)
    return room.f_bavail * room.f_frsize > wanted and _available_memory() > wanted


def _available_memory() -> int:
    """Bytes; the smaller of what the machine has left and what our control group may still take."""
    for line in Path("/proc/meminfo").read_text("ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return min(int(line.split()[1]) * 1024, _group_allowance())
    return 0


def _group_allowance() -> int:
    group = Path("/sys/fs/cgroup")
    try:
        limit, used = ((group / name).read_text("ascii").strip() for name in ("memory.max", "memory.current"))
        return int(limit) - int(used)
    except (OSError, ValueError):
        return 1 << 62


def on_memory(path: Path) -> bool:
    """Whether ``path`` lies on a memory file system (False where the machine does not tell)."""
    real = path.resolve()
    types = {mounted: kind for mounted, kind in _mounts() if mounted == real or mounted in real.parents}
    return bool(types) and types[max(types, key=lambda mounted: len(mounted.parts))] in MEMORY_TYPES


def _mounts() -> Iterator[tuple[Path, str]]:
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        _, mounted, kind, *_ = line.split(" ")
        yield Path(mounted.replace("\\040", " ")), kind


def socket_folder(home: Path, account: Account | None) -> Path:
    """Where a cluster's socket lies: within its folder, or if that path is too long for a socket, elsewhere.

    The folder elsewhere is made here, private, and surely ours and not a stranger's who knew its name.
    """
    within = home / "sockets"
    if len(os.fsencode(within)) <= LONGEST_SOCKET_FOLDER:
        return within
    base = Path(gettempdir())
    if len(os.fsencode(base)) > LONGEST_SOCKET_FOLDER // 2 or not reachable(base, account):
        base = Path("/tmp")  # noqa: S108 - a private folder within
    folder = base / f"pipeline-{sha256(os.fsencode(home)).hexdigest()[:16]}"
    owners = {os.geteuid(), account.uid if account else os.geteuid()}
    if not _is_private(folder, owners):
        folder = Path(mkdtemp(prefix="pipeline-", dir=base))
    return folder


def _is_private(folder: Path, owners: set[int]) -> bool:
    """Made now or found: a real folder that nobody else owns or may enter."""
    folder.mkdir(mode=0o700, exist_ok=True) if not folder.is_symlink() else None
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid in owners and not status.st_mode & 0o077
