"""A line to a server that breaks at a chosen word: just before it is passed on, or just after."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.postgres.target import Target


class Breaks(Enum):
    """When the line breaks: the server never hears the word, or hears it and cannot answer.

    A silent line stays up and passes nothing on any more, after the server has heard the word.
    """

    BEFORE = "before"
    AFTER = "after"
    SILENT = "silent"


@dataclass
class Proxy:
    """Passes bytes on between clients and one server, until the word comes by.

    A line that ``heals`` breaks once; later clients get through again.
    """

    server: str
    word: bytes
    breaks: Breaks
    times: int = 1
    heals: bool = True
    broken: threading.Event = field(default_factory=threading.Event)
    _open: list[socket.socket] = field(default_factory=list[socket.socket])
    _mute: list[socket.socket] = field(default_factory=list[socket.socket])

    def serve(self, listener: socket.socket) -> None:
        """Take clients until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(self.server)
                self._open += [client, upstream]
                threading.Thread(target=self._ask, args=(client, upstream), daemon=True).start()
                threading.Thread(target=self._answer, args=(upstream, client), daemon=True).start()

    def close(self) -> None:
        """End every line, and with it the threads."""
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _ask(self, client: socket.socket, upstream: socket.socket) -> None:
        with suppress(OSError):
            while said := client.recv(65536):
                self.times -= self.word in said.lower()
                heard = self.times == 0 and not (self.heals and self.broken.is_set())
                if heard:  # no answer may slip through before the line is cut
                    self._mute.append(client)
                if not (heard and self.breaks is Breaks.BEFORE):
                    upstream.sendall(said)
                if heard and self.breaks is Breaks.SILENT:
                    self.broken.set()
                elif heard:
                    self._cut(client, upstream)
                    return
        _hang_up(upstream, socket.SHUT_WR)

    def _answer(self, upstream: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := upstream.recv(65536):
                if client not in self._mute:
                    client.sendall(said)
        _hang_up(client, socket.SHUT_WR)

    def _cut(self, client: socket.socket, upstream: socket.socket) -> None:
        """The client is cut off first; the server has heard all that was passed on, and then the end."""
        _hang_up(client, socket.SHUT_RDWR)
        _hang_up(upstream, socket.SHUT_WR)
        self.broken.set()


def _hang_up(end: socket.socket, how: int) -> None:
    with suppress(OSError):
        end.shutdown(how)


class Forger(Proxy):
    """Passes every byte on, but for one word, which the server hears as another of the same length."""

    instead: bytes

    def _ask(self, client: socket.socket, upstream: socket.socket) -> None:
        with suppress(OSError):
            while said := client.recv(65536):
                upstream.sendall(said.replace(self.word, self.instead))
        _hang_up(upstream, socket.SHUT_WR)


@contextmanager
def proxied(
    target: Target, word: str, breaks: Breaks, *, times: int = 1, heals: bool = True
) -> Generator[tuple[Target, Proxy]]:
    """``target`` by way of a line that breaks when a client says ``word`` (in any case) for the nth time."""
    proxy = Proxy(_socket_of(target), word.lower().encode(), breaks, times, heals)
    with _serving(target, proxy) as line:
        yield line, proxy


@contextmanager
def forged(target: Target, word: str, instead: str) -> Generator[Target]:
    """``target`` by way of a line on which the server hears ``instead`` for every ``word``."""
    assert len(word) == len(instead)
    forger = Forger(_socket_of(target), word.encode(), Breaks.AFTER)
    forger.instead = instead.encode()
    with _serving(target, forger) as line:
        yield line


def _socket_of(target: Target) -> str:
    parameters = target.resolve()
    return str(Path(parameters["host"]) / f".s.PGSQL.{parameters['port']}")


@contextmanager
def _serving(target: Target, proxy: Proxy) -> Generator[Target]:
    with TemporaryDirectory(prefix="px-") as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(folder) / Path(proxy.server).name))
        listener.listen()
        serving = threading.Thread(target=proxy.serve, args=(listener,), daemon=True)
        serving.start()
        try:
            yield target.elsewhere(host=folder)
        finally:
            _hang_up(listener, socket.SHUT_RDWR)
            serving.join(10)
            proxy.close()
