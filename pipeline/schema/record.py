"""A snapshot as bytes and back: compressed JSON, so that it can be kept where the database is.

Version 1 knew no origin and no identities: what it kept is read as a snapshot without them, of which nothing is
told to have been renamed.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Final, NotRequired, TypedDict, cast

from pipeline.schema.model import ObjectKey, Snapshot

VERSION: Final = 2
READABLE: Final = frozenset({1, VERSION})

_Object = tuple[str, str, Mapping[str, str | None]] | tuple[str, str, Mapping[str, str | None], str | None]


class _Record(TypedDict):
    version: int
    origin: NotRequired[str]
    objects: list[_Object]
    column_order: Mapping[str, list[str]]
    settings: Mapping[str, str]


def to_bytes(snapshot: Snapshot) -> bytes:
    """A snapshot in a form that lasts."""
    record: _Record = {
        "version": VERSION,
        "origin": snapshot.origin,
        "objects": [
            (key.kind, key.name, properties, snapshot.identities.get(key))
            for key, properties in sorted(snapshot.objects.items())
        ],
        "column_order": {table: list(order) for table, order in snapshot.column_order.items()},
        "settings": dict(snapshot.settings),
    }
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=dict)
    return zlib.compress(text.encode())


def from_bytes(content: bytes) -> Snapshot | None:
    """The snapshot that ``to_bytes`` wrote; None for one of a newer version of this program."""
    record = cast("_Record", json.loads(zlib.decompress(content)))
    if record["version"] not in READABLE:
        return None
    objects: dict[ObjectKey, Mapping[str, str | None]] = {}
    identities: dict[ObjectKey, str] = {}
    for kind, name, properties, *identity in record["objects"]:
        key = ObjectKey(kind, name)
        objects[key] = properties
        if identity and identity[0] is not None:
            identities[key] = identity[0]
    return Snapshot(
        objects=objects,
        column_order={table: tuple(order) for table, order in record["column_order"].items()},
        settings=record["settings"],
        origin=record.get("origin", ""),
        identities=identities,
    )
