"""The guard of the unit tests: opening a socket or starting a process raises, wherever it happens."""

import sys
from collections.abc import Generator

import pytest

FORBIDDEN = frozenset(
    {
        "socket.__new__",
        "socket.connect",
        "socket.bind",
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.startfile",
        "pty.spawn",
    }
)
guarded = {"on": False}


class Reached(BaseException):
    """A unit test reached outside; no ``except Exception`` of the tested code can swallow this."""


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if guarded["on"] and event in FORBIDDEN:
        raise Reached(f"a unit test may not reach outside: {event} {arguments!r:.200}")


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def no_sockets_and_no_processes() -> Generator[None]:
    guarded["on"] = True
    yield
    guarded["on"] = False
