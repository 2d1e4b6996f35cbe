"""The one place that starts programs: no shell, no secret in argv, and an error that shows what was said.

Arguments are seen by every user of a machine (``ps``), so secrets travel in the environment. A program
inherits only the few variables it needs to run at all: what is in our environment is not its business.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from signal import SIGKILL
from threading import Timer
from typing import IO

from pipeline.errors import Failed, Unavailable

CHUNK = 1 << 20
SHOWN_LINES = 12
INHERITED = frozenset(
    {"PATH", "HOME", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"}
)
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|CREDENTIAL|_KEY$")
URL_SECRET = re.compile(r"(://[^:/@\s]*:)[^@\s]+(@)")
WORD_SECRET = re.compile(r"(password\s*=\s*)('[^']*'|\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Completed:
    """How a program ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def lean(environ: Mapping[str, str] | None = None, **additions: str) -> dict[str, str]:
    """The environment for a program: what it needs to run, messages in English, and the ``additions``."""
    source = os.environ if environ is None else environ
    kept = {name: value for name, value in source.items() if name in INHERITED}
    return {**kept, "LC_ALL": "C", **additions}


def masked(text: str, env: Mapping[str, str]) -> str:
    """``text`` without the secrets of ``env`` and without passwords in URLs and connection strings."""
    for name, value in env.items():
        if value and SECRET_NAME.search(name):
            text = text.replace(value, "****")
    return WORD_SECRET.sub(r"\1****", URL_SECRET.sub(r"\1****\2", text))


def run(
    argv: Sequence[str | Path],
    *,
    timeout: timedelta,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    cwd: Path | None = None,
    accept: Sequence[int] = (0,),
    pass_fds: Sequence[int] = (),
) -> Completed:
    """Run a program to its end and return what it said; ``env`` is its whole environment (default: ``lean()``).

    It inherits the open files ``pass_fds`` and no others.
    Raises Unavailable when the program cannot be started, Failed when it exits with a code outside
    ``accept`` or outlives ``timeout``.
    """
    environment = lean() if env is None else dict(env)
    process = _start(
        argv,
        environment,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        pass_fds=pass_fds,
    )
    with _ended(process), _deadline(process, timeout) as expired:
        stdout, stderr = process.communicate(None if stdin is None else stdin.encode())
    completed = Completed(process.returncode, _text(stdout), _text(stderr))
    _judge(argv, completed, environment, accept, timeout if expired else None)
    return completed


def stream(
    argv: Sequence[str | Path],
    *,
    into: Callable[[bytes], object],
    timeout: timedelta,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a program and hand its output to ``into`` as it comes.

    When we die, its pipe breaks and it ends too: no dump goes on reading for nobody. Raises as ``run``.
    """
    environment = lean() if env is None else dict(env)
    with tempfile.TemporaryFile() as said:
        process = _start(
            argv, environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, cwd=cwd
        )
        with _ended(process), _deadline(process, timeout) as expired:
            assert process.stdout is not None  # noqa: S101 - we asked for a pipe
            while chunk := process.stdout.read(CHUNK):
                into(chunk)
            process.wait()
        said.seek(0)
        completed = Completed(process.returncode, "", _text(said.read()))
    _judge(argv, completed, environment, (0,), timeout if expired else None)


def _start(
    argv: Sequence[str | Path],
    env: Mapping[str, str],
    *,
    stdin: int,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [str(argument) for argument in argv],
            env=dict(env),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            pass_fds=pass_fds,
            process_group=0,
        )
    except OSError as error:
        raise Unavailable(
            f"the program {argv[0]} cannot be started", why=error.strerror or str(error), todo="install it"
        ) from error


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Generator[None]:
    """Whatever happens to us, the program does not go on without us."""
    try:
        with process:
            try:
                yield
            except BaseException:
                _kill(process)
                raise
    finally:
        _kill(process)


@contextmanager
def _deadline(process: subprocess.Popen[bytes], timeout: timedelta) -> Generator[list[bool]]:
    expired: list[bool] = []

    def expire() -> None:
        expired.append(True)
        _kill(process)

    timer = Timer(timeout.total_seconds(), expire)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, SIGKILL)


def _text(said: bytes) -> str:
    return said.decode("utf-8", "replace")


def _judge(
    argv: Sequence[str | Path],
    completed: Completed,
    env: Mapping[str, str],
    accept: Sequence[int],
    expired: timedelta | None,
) -> None:
    name = Path(argv[0]).name
    said = "\n".join(masked(completed.stderr, env).strip().splitlines()[-SHOWN_LINES:])
    if expired is not None:
        raise Failed(f"{name} was stopped after {expired.total_seconds():g} s", why=said or None)
    if completed.returncode not in accept:
        raise Failed(f"{name} failed with exit code {completed.returncode}", why=said or None)
