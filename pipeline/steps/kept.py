"""Shapes that outlive a run, as files: whole or not there, and believed only if they are what was written.

A digest stands before the content; a file that is cut, changed or of another version counts as none.
"""

import json
import zlib
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from pipeline.errors import Failed
from pipeline.schema.model import Snapshot
from pipeline.schema.record import from_bytes, to_bytes
from pipeline.steps import whole


@dataclass(frozen=True)
class Note:
    """What is to be known of a shape: the ledger's head when it was taken, by whom and when (if pinned)."""

    ledger: str
    by: str = ""
    at: str = ""


def pack(shape: Snapshot, note: Note) -> bytes:
    """A shape with its note, and a digest over both."""
    body = json.dumps(asdict(note)).encode() + b"\n" + to_bytes(shape)
    return sha256(body).hexdigest().encode() + b"\n" + body


def unpack(content: bytes) -> tuple[Snapshot, Note] | None:
    """What ``pack`` put together; None where it is not that, to the last byte."""
    digest, _, body = content.partition(b"\n")
    if sha256(body).hexdigest().encode() != digest:
        return None
    note, _, shape = body.partition(b"\n")
    try:
        found = from_bytes(shape)
        return (found, Note(**json.loads(note))) if found is not None else None
    except (ValueError, KeyError, TypeError, zlib.error):
        return None


def read(path: Path) -> tuple[Snapshot, Note] | None:
    """The shape in a file; None where there is none to be believed."""
    try:
        return unpack(path.read_bytes())
    except OSError:
        return None


def write(path: Path, shape: Snapshot, note: Note) -> None:
    """Keep a shape in a file. Raises Failed where it cannot be written."""
    try:
        whole.write(path, pack(shape, note))
    except OSError as error:
        raise Failed(
            "a shape cannot be kept",
            where=str(path),
            why=error.strerror or str(error),
            todo="make the project's state folder writable",
        ) from error
