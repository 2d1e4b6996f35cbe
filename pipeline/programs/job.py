"""What a real tool is asked to do, and how it is called for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pipeline.formats.model import SourceFile
from pipeline.programs.place import Place


@dataclass(frozen=True)
class Job:
    """Apply what is pending in ``files`` and nothing else.

    ``settings`` are server settings for its sessions, ``lock_wait`` is how long it may ask for its own lock,
    ``table`` the schema and name of its ledger. ``options`` are the format's, under its own names. ``major``
    is the program's own, where that can be known and matters. What is ``held_back``, by the name by which it is
    shown, is in a file and is not to be applied yet.
    """

    files: Sequence[SourceFile]
    place: Place
    schemas: Sequence[str]
    table: tuple[str, str]
    settings: Mapping[str, str]
    lock_wait: timedelta
    options: Mapping[str, object]
    out_of_order: bool = False
    major: int = 0
    held_back: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Call:
    """How a program is called: arguments that anybody may see, and an environment that may hold secrets."""

    arguments: Sequence[str]
    env: Mapping[str, str] = field(repr=False)


def write(file: SourceFile, folder: Path) -> None:
    """Write a file as it was read; one that is no SQL may be meant to be run."""
    if file.path.endswith("/"):
        return
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600 if path.suffix.lower() == ".sql" else 0o700, exist_ok=False)
    path.write_bytes(file.content)
