"""What a run did, in the order it did it: append-only, hash-chained, on disk before and after every step."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

START = "sha256:" + "0" * 64


@dataclass
class Journal:
    """An open journal file. Every entry carries the digest of the one before it."""

    path: Path
    head: str = START
    entries: int = field(default=0)

    def write(self, event: str, **facts: object) -> None:
        """Append an entry and wait until the disk has it."""
        entry = {
            "n": self.entries,
            "at": datetime.now(UTC).isoformat(),
            "event": event,
            **facts,
            "before": self.head,
        }
        line = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.head = _digest(line)
        self.entries += 1


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
