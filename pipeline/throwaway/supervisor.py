"""Keeps one PostgreSQL server running exactly as long as somebody uses it; a program of its own.

Started as ``python -I -S supervisor.py PLAN`` and put into the background by itself. Every user of the
server holds a shared lock on ``users.lock``; we wait for the exclusive one. The kernel drops the locks of
a killed process, so not even SIGKILL of every user leaves a server, a folder or a socket behind. Knows
nothing of the rest of the package, so that it starts in a few milliseconds.

Files of a cluster's folder: ``pipeline-cluster`` (the mark that the folder is ours), ``users.lock``,
``supervisor.lock`` (held by the one supervisor), ``postmaster`` (the process ids of the server it has
started and of itself, locked as long as it lives), ``data`` (complete as soon as it is there), ``data.new``
(half-made), ``log``.
"""

import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NamedTuple

MARK = "pipeline-cluster"
USERS = "users.lock"
SUPERVISOR = "supervisor.lock"
POSTMASTER = "postmaster"
LOG = "log"
DATA = "data"
HALF_MADE = "data.new"
LOG_LIMIT = 1_000_000


class Plan(NamedTuple):
    """What to keep: the folder, the server's commands, its socket folder, and as whom it runs.

    ``initdb`` holds alternatives, the first that works makes the data; ``template`` is data to copy
    instead, or the place to leave a copy at; ``lifeline`` is a pipe that ends when our starter is either
    counted among the users or dead; ``claim`` is the supervisor lock, already held for us.
    """

    home: str
    throwaway: bool
    postgres: list[str]
    initdb: list[list[str]]
    new_identity: list[str]
    sockets: str
    account: list[int] | None
    template: str | None
    lifeline: int
    claim: int | None
    patience: float

    @property
    def folder(self) -> Path:
        """The cluster's folder."""
        return Path(self.home)


class Keeper:
    """The supervisor at work: one child at a time, and one watcher that ends with the last user."""

    def __init__(self, plan: Plan, claim: int, users: int) -> None:
        self.plan = plan
        self.claim = claim
        self.users = users
        self.stopping = False
        self.child = 0
        self.signals: list[int] = []
        self.watcher = self._watch()

    def keep(self) -> None:
        """Make the data if need be, run the server until nobody uses it, and clean up."""
        signal.signal(signal.SIGTERM, self._asked_to_stop)
        signal.signal(signal.SIGALRM, self._press)
        try:
            stop_orphan(self.plan.folder / DATA)
            if self._made():
                self._serve()
        finally:
            self._clean()

    def _watch(self) -> int:
        """A child that waits for the exclusive lock; it shares our open file, so then we hold it too."""
        pid = os.fork()
        if pid:
            os.close(self.plan.lifeline)
            return pid
        os.close(self.claim)
        os.read(self.plan.lifeline, 1)
        fcntl.flock(self.users, fcntl.LOCK_EX)
        os._exit(0)

    def _made(self) -> bool:
        data, half = self.plan.folder / DATA, self.plan.folder / HALF_MADE
        if data.exists():
            return True
        if not (self._copied(half) or any(self._initialised(half, argv) for argv in self.plan.initdb)):
            return False
        half.rename(data)
        return not self.stopping

    def _copied(self, half: Path) -> bool:
        """Data from the template, under a system identifier of its own: no two clusters may be confused."""
        template = self.plan.template
        if template is None or not self.plan.throwaway or not Path(template).is_dir():
            return False
        _remove_tree(half)
        if self._run(["cp", "-a", template, str(half)], as_server=False) != 0:
            return False
        identity = int.from_bytes(os.urandom(8), "big") >> 1
        try:
            with (half / "global" / "pg_control").open("r+b") as control:
                control.write(identity.to_bytes(8, sys.byteorder))
        except OSError:
            return False
        return self._run(self.plan.new_identity) == 0

    def _initialised(self, half: Path, argv: Sequence[str]) -> bool:
        _remove_tree(half)
        self._make_private(half)
        if self.stopping or self._run(argv) != 0:
            return False
        template = self.plan.template
        if template is not None and not Path(template).exists():
            draft = f"{template}.new-{os.getpid()}"
            if self._run(["cp", "-a", str(half), draft], as_server=False) == 0:
                _rename_unless_there(draft, template)
        return not self.stopping

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.plan.account:
            os.chown(folder, *self.plan.account)

    def _serve(self) -> None:
        self._make_private(Path(self.plan.sockets))
        gentle = [] if self.plan.throwaway else [signal.SIGINT]
        self.signals = [signal.SIGKILL, signal.SIGQUIT, *gentle]
        code = self._run(self.plan.postgres, announce=True)
        if not self.stopping:
            print(f"the server ended by itself with exit code {code}", flush=True)  # noqa: T201 - our log

    def _run(self, argv: Sequence[str], *, as_server: bool = True, announce: bool = False) -> int:
        """Run one program to its end; when the last user goes meanwhile, it is stopped."""
        if self.stopping:
            return -1
        self.child = self._spawn(argv, self.plan.account if as_server else None)
        if announce:
            self._announce()
        if self.stopping:
            self._press(0, None)
        while True:
            pid, status = os.wait()
            if pid == self.child:
                self.child = 0
                return os.waitstatus_to_exitcode(status)
            self.watcher = 0
            self._asked_to_stop(0, None)

    def _announce(self) -> None:
        """Write down which server is ours; our lock on that very file says that we live."""
        draft = self.plan.folder / f"{POSTMASTER}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, f"{self.child} {os.getpid()}".encode("ascii"))
        draft.rename(self.plan.folder / POSTMASTER)

    def _spawn(self, argv: Sequence[str], account: Sequence[int] | None) -> int:
        pid = os.fork()
        if pid:
            with suppress(OSError):
                os.setpgid(pid, pid)
            return pid
        try:
            os.setpgid(0, 0)
            if account:
                os.setgroups([account[1]])
                os.setgid(account[1])
                os.setuid(account[0])
            os.execvp(argv[0], list(argv))  # noqa: S606 - there is no shell to want
        except OSError as error:
            print(f"{argv[0]}: {error}", flush=True)  # noqa: T201 - our log
        os._exit(127)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True
        self._press(0, None)

    def _press(self, _number: int, _frame: FrameType | None) -> None:
        """The next, firmer signal for the server; a throwaway is not even asked gently.

        Whatever makes the data ends soon by itself: killed, initdb would leave shared memory behind.
        """
        if self.child and self.signals:
            os.kill(self.child, self.signals.pop())
            signal.setitimer(signal.ITIMER_REAL, self.plan.patience)

    def _clean(self) -> None:
        """Leave nothing of a throwaway; a new user of a kept cluster finds the supervisor's lock free."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        (self.plan.folder / POSTMASTER).unlink(missing_ok=True)
        _remove_tree(Path(self.plan.sockets))
        _remove_tree(self.plan.folder / HALF_MADE)
        os.close(self.claim)
        if self.plan.throwaway:
            if self.watcher:
                os.waitpid(self.watcher, 0)
            remove(self.plan.folder)
        elif self.watcher:
            os.kill(self.watcher, signal.SIGKILL)


def _rename_unless_there(draft: str, template: str) -> None:
    try:
        Path(draft).rename(template)
    except OSError:
        _remove_tree(Path(draft))


def _remove_tree(folder: Path) -> None:
    if folder.exists():
        import shutil  # noqa: PLC0415 - nobody waits for the end, but somebody does for the start

        shutil.rmtree(folder, ignore_errors=True)


def remove(folder: Path) -> None:
    """Remove a folder of ours, its mark last, so that an interrupted removal can be taken up again."""
    for _ in range(20):
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                _remove_tree(entry)
            elif entry.name != MARK:
                entry.unlink(missing_ok=True)
        if [entry.name for entry in folder.iterdir()] in ([MARK], []):
            (folder / MARK).unlink(missing_ok=True)
            folder.rmdir()
            return
        time.sleep(0.05)


def stop_orphan(data: Path) -> None:
    """Stop the server of ``data`` whose supervisor was killed; only if that process is surely it."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        pid = _orphan(data)
        if pid is None:
            return
        os.kill(pid, number)
        deadline = time.monotonic() + 5
        while _orphan(data) == pid and time.monotonic() < deadline:
            time.sleep(0.02)


def _orphan(data: Path) -> int | None:
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        is_it = Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except (OSError, ValueError):
        return None
    return pid if is_it else None


def _claim(plan: Plan) -> tuple[int, int]:
    """Both locks of the folder, which is made when it is a throwaway's; its mark comes last."""
    if plan.throwaway:
        plan.folder.mkdir(mode=0o711 if plan.account else 0o700)
        plan.folder.chmod(0o711 if plan.account else 0o700)
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    claim = plan.claim
    if claim is None:
        claim = os.open(plan.folder / SUPERVISOR, flags, 0o600)
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.set_inheritable(claim, False)
    os.set_inheritable(plan.lifeline, False)
    users = os.open(plan.folder / USERS, flags, 0o600)
    if plan.throwaway:
        (plan.folder / MARK).write_text(f"{plan.sockets}\n")
    return claim, users


def _speak_to_the_log(plan: Plan) -> None:
    log = plan.folder / LOG
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".1"))
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(sink, stream)
    os.close(sink)


def _into_the_background() -> None:
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")


def main() -> None:
    """Claim the folder in the foreground, so that our starter hears of failures, then keep the server."""
    plan = Plan(**json.loads(sys.argv[1]))
    claim, users = _claim(plan)
    _speak_to_the_log(plan)
    _into_the_background()
    Keeper(plan, claim, users).keep()


if __name__ == "__main__":
    main()
