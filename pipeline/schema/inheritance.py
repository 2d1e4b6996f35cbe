"""What a partition or child table has from its parent, object by object."""

from collections.abc import Iterator

from pipeline.schema.model import ObjectKey, Snapshot
from pipeline.schema.names import split_name

_TABLES = ("table", "foreign table")


def parent_tables(key: ObjectKey, snapshot: Snapshot) -> Iterator[ObjectKey]:
    """The tables that a table inherits from, or is a partition of."""
    yield from (ObjectKey("table", parent) for parent in _parents(key, snapshot))


def parents_of(key: ObjectKey, snapshot: Snapshot) -> Iterator[ObjectKey]:
    """The columns, constraints or indexes that this one comes from; none where it is of its own."""
    properties = snapshot.objects.get(key, {})
    if key.kind == "index":
        yield from (ObjectKey("index", parent) for parent in _parents(key, snapshot))
    elif key.kind in {"column", "constraint"} and properties.get("inherited"):
        table, own = split_name(key.name)
        for kind in _TABLES:
            for parent in _parents(ObjectKey(kind, table), snapshot):
                yield ObjectKey(key.kind, f"{parent}.{own}")


def _parents(key: ObjectKey, snapshot: Snapshot) -> list[str]:
    inherits = snapshot.objects.get(key, {}).get("inherits")
    return inherits.split(", ") if inherits else []
