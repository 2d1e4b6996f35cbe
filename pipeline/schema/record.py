"""A snapshot as bytes and back: compressed JSON, so that it can be kept where the database is."""

import json
import zlib
from collections.abc import Mapping
from typing import TypedDict, cast

from pipeline.schema.model import ObjectKey, Snapshot

VERSION = 1


class _Record(TypedDict):
    version: int
    objects: list[tuple[str, str, Mapping[str, str | None]]]
    column_order: Mapping[str, list[str]]
    settings: Mapping[str, str]


def to_bytes(snapshot: Snapshot) -> bytes:
    """A snapshot in a form that lasts."""
    record: _Record = {
        "version": VERSION,
        "objects": [(key.kind, key.name, properties) for key, properties in sorted(snapshot.objects.items())],
        "column_order": {table: list(order) for table, order in snapshot.column_order.items()},
        "settings": dict(snapshot.settings),
    }
    return zlib.compress(json.dumps(record, ensure_ascii=False, default=dict).encode())


def from_bytes(content: bytes) -> Snapshot | None:
    """The snapshot that ``to_bytes`` wrote; None for one of another version of this program."""
    record = cast("_Record", json.loads(zlib.decompress(content)))
    if record["version"] != VERSION:
        return None
    return Snapshot(
        objects={ObjectKey(kind, name): properties for kind, name, properties in record["objects"]},
        column_order={table: tuple(order) for table, order in record["column_order"].items()},
        settings=record["settings"],
    )
