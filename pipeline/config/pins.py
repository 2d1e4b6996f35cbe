"""environments.lock: which database each environment is, written by ``pipeline pin`` and committed.

A URL says where to connect, and a URL can be swapped, restored from another place or moved to a clone. The pin
says what must answer there.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import cast

from pipeline.errors import ConfigurationError
from pipeline.shapes.words import listed

LOCK_FILE = "environments.lock"
VERSION = 1
LARGEST = 64 * 1024
_TODO = f"take {LOCK_FILE} back from version control, or write it anew: pipeline pin ENV"


@dataclass(frozen=True)
class Pin:
    """One database, by the facts that tell it from every other.

    A logical copy has another ``database_oid`` or ``system_identifier``; a physical copy has the same ones at
    another ``endpoint`` (host and port as the URL says them). ``system_identifier`` is "" where the server
    does not tell.
    """

    database: str
    database_oid: str
    system_identifier: str
    endpoint: str

    def same_database(self, other: "Pin") -> bool:
        """Whether both are one database, however it is reached."""
        return (self.system_identifier, self.database_oid) == (other.system_identifier, other.database_oid)

    def differences(self, found: "Pin") -> tuple[str, ...]:
        """What is pinned and what was found instead, in words."""
        pairs = zip(asdict(self).items(), asdict(found).values(), strict=True)
        return tuple(
            f"{name.replace('_', ' ')} {now or 'unknown'}, pinned {was or 'unknown'}"
            for (name, was), now in pairs
            if was != now
        )


def file_of(root: Path) -> Path:
    """Where the pins of a project lie: beside environments.yaml."""
    return root / LOCK_FILE


def read(root: Path) -> Mapping[str, Pin]:
    """The pins of a project by environment, none where there is no file.

    Raises ConfigurationError for a file that is not what ``document`` makes.
    """
    try:
        with file_of(root).open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=LOCK_FILE, todo=_TODO) from None
    try:
        found = cast("object", json.loads(content.decode(), object_pairs_hook=_without_twins))
    except ValueError as error:
        raise ConfigurationError(
            "this is not the JSON we write", where=LOCK_FILE, why=str(error), todo=_TODO
        ) from None
    return _pins(found)


def document(pins: Mapping[str, Pin]) -> str:
    """The text of the file."""
    environments = {name: asdict(pins[name]) for name in sorted(pins)}
    return json.dumps({"version": VERSION, "environments": environments}, indent=2, ensure_ascii=False) + "\n"


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a key is there twice"
        raise ValueError(message)
    return found


def _pins(found: object) -> Mapping[str, Pin]:
    tree = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    entries = tree.get("environments")
    if (
        tree.keys() != {"version", "environments"}
        or tree["version"] != VERSION
        or not isinstance(entries, dict)
    ):
        raise ConfigurationError(
            f"has another shape than version {VERSION}, which is what we write", where=LOCK_FILE, todo=_TODO
        )
    return {name: _pin(name, entry) for name, entry in cast("dict[str, object]", entries).items()}


def _pin(name: str, entry: object) -> Pin:
    known = {one.name for one in fields(Pin)}
    values = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
    if values.keys() != known or not all(isinstance(value, str) for value in values.values()):
        raise ConfigurationError(
            f"the pin of `{name}` needs {listed(sorted(known))}, as text", where=LOCK_FILE, todo=_TODO
        )
    return Pin(**cast("dict[str, str]", values))
