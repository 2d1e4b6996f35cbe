"""Whose a thing outside our file systems is, written so that a later run can tell whether its owner is gone."""

import json
import os
import socket
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

STRANGERS_AFTER = timedelta(days=1)
"""What processes of other machines or containers left, whom we cannot see, is abandoned after that."""


@dataclass(frozen=True)
class Owner:
    """A process; ``started`` tells it from a later one of its ``pid``, ``realm`` is where pids are unique."""

    pid: int
    started: str
    boot: str
    realm: str
    since: float

    def to_text(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Owner | None":
        """The owner that ``to_text`` wrote; None when it was not we who wrote this."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def is_gone(self) -> bool:
        """Whether that process surely lives no more."""
        us = ourselves()
        if self.realm != us.realm:
            return time.time() - self.since > STRANGERS_AFTER.total_seconds()
        return self.boot != us.boot or _started(self.pid) != self.started


def ourselves() -> Owner:
    """This process."""
    return Owner(
        pid=os.getpid(),
        started=_started(os.getpid()) or "",
        boot=_read(Path("/proc/sys/kernel/random/boot_id")),
        realm=f"{socket.gethostname()} {_pid_namespace()}",
        since=time.time(),
    )


def _started(pid: int) -> str | None:
    """When a process started, in the kernel's own count; None when there is no such process."""
    stat = _read(Path(f"/proc/{pid}/stat"))
    if stat:
        return stat.rpartition(")")[2].split()[19]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""


def _pid_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
