"""A snapshot as bytes and back: compressed JSON, so that it can be kept where the database is.

Version 1 knew no origin and no identities: what it kept is read as a snapshot without them, of which nothing is
told to have been renamed.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Final, NotRequired, TypedDict, cast

from pipeline.schema.model import ObjectKey, Snapshot
from pipeline.schema.names import split_name

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
            (key.kind, key.name, properties, _within(key, snapshot.identities))
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
    short: dict[ObjectKey, str] = {}
    for kind, name, properties, *identity in record["objects"]:
        key = ObjectKey(kind, name)
        objects[key] = properties
        if identity and identity[0] is not None:
            short[key] = identity[0]
    return Snapshot(
        objects=objects,
        column_order={table: tuple(order) for table, order in record["column_order"].items()},
        settings=record["settings"],
        origin=record.get("origin", ""),
        identities={key: _whole_of(key, short) + identity for key, identity in short.items()},
    )


def _within(key: ObjectKey, identities: Mapping[ObjectKey, str]) -> str | None:
    """The identity; of a column, only what follows its table's, since most objects are columns."""
    identity, whole = identities.get(key), _table_of(key, identities)
    if identity is None or not whole or not identity.startswith(f"{whole}/"):
        return identity
    return identity.removeprefix(whole)


def _whole_of(key: ObjectKey, short: Mapping[ObjectKey, str]) -> str:
    """What ``_within`` left out of an identity."""
    return _table_of(key, short) if short[key].startswith("/") else ""


def _table_of(key: ObjectKey, identities: Mapping[ObjectKey, str]) -> str:
    """The identity of a column's table; empty where there is none."""
    if key.kind != "column":
        return ""
    tables = (ObjectKey(kind, split_name(key.name)[0]) for kind in ("table", "foreign table"))
    return next((identities[table] for table in tables if table in identities), "")
