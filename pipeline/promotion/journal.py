"""What a run did, in the order it did it: append-only, hash-chained, on disk before and after every step."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

FILE = "journal.jsonl"
START = "sha256:" + "0" * 64


@dataclass
class Journal:
    """An open journal file. Every line carries the digest of the one before it.

    While it is open, nobody can mistake its run for one that was cut off.
    """

    path: Path
    head: str = START
    lines: list[str] = field(default_factory=list[str])
    _descriptor: int | None = None

    def write(self, event: str, **facts: object) -> None:
        """Append an entry and wait until the disk has it."""
        entry = {
            "n": len(self.lines),
            "at": datetime.now(UTC).isoformat(),
            "event": event,
            **facts,
            "before": self.head,
        }
        line = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        descriptor = self._opened()
        os.write(descriptor, line.encode() + b"\n")
        os.fsync(descriptor)
        self.head = _digest(line)
        self.lines.append(line)

    def close(self) -> None:
        """The run is over."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        return self._descriptor


def is_open(path: Path) -> bool:
    """Whether the run that writes a journal is alive."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def read(path: Path) -> tuple[Mapping[str, object], ...]:
    """The entries of a journal whose chain is whole; a last line cut off by a crash is left out.

    Raises ValueError, naming the entry, where a line was changed, removed or put in.
    """
    entries: list[Mapping[str, object]] = []
    head = START
    for line in path.read_bytes().decode(errors="replace").split("\n")[:-1]:
        entry = cast("dict[str, object]", json.loads(line))
        if entry.get("before") != head or entry.get("n") != len(entries):
            message = f"{path.name}: entry {len(entries)} does not follow the one before it"
            raise ValueError(message)
        entries.append(entry)
        head = _digest(line)
    return tuple(entries)


def _digest(line: str) -> str:
    return "sha256:" + sha256(line.encode()).hexdigest()
