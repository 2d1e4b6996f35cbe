"""SQL that gives back the names that were certainly taken away, so that nothing is dropped to be made again.

Only what holds rows or is referred to is renamed; whatever else has another name is dropped and made. A
statement may be run again where it has been run already: there is nothing of the old name any more.
"""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.schema.ddl import Unsure, literal
from pipeline.schema.diff import Change, Difference, diff
from pipeline.schema.model import ObjectKey, Snapshot
from pipeline.schema.names import last_part, split_name, split_schema
from pipeline.sql.identifiers import parse

_RELATIONS = ("table", "foreign table", "view", "materialized view", "sequence", "index")
_RENAMED = ("type", "domain", *_RELATIONS, "column", "constraint", "function", "procedure")
_LOOKUPS = {
    "type": "to_regtype",
    "domain": "to_regtype",
    "function": "to_regprocedure",
    "procedure": "to_regprocedure",
}


def renaming(now: Snapshot, wanted: Snapshot) -> tuple[Snapshot, tuple[str, ...]]:
    """``now`` as it will be called, and the statements that make it so. Raises Unsure."""
    differences = diff(now, wanted)
    renamed = [one for one in differences if one.change is Change.RENAMED and one.key.kind in _RENAMED]
    if not any(not one.implied for one in renamed):
        return now, ()
    acts = sorted((one for one in renamed if not one.implied), key=lambda one: _RENAMED.index(one.key.kind))
    return _called(now, renamed, differences), tuple(text for one in acts for text in _statements(one))


def _called(now: Snapshot, renamed: Sequence[Difference], differences: Sequence[Difference]) -> Snapshot:
    """The snapshot with the new names, in its keys and in the texts that follow them."""
    keys = {ObjectKey(one.key.kind, one.before or ""): one.key for one in renamed}
    following: dict[ObjectKey, dict[str, str | None]] = {}
    for one in differences:
        if one.change is Change.CHANGED and one.implied and one.property:
            following.setdefault(one.key, {})[one.property] = one.after
    objects = {keys.get(old, old): properties for old, properties in now.objects.items()}
    wholes = {old.name: new.name for old, new in keys.items() if old.kind != "column"}
    return Snapshot(
        objects={key: {**properties, **following.get(key, {})} for key, properties in objects.items()},
        column_order={
            wholes.get(table, table): tuple(_column(keys, table, column) for column in columns)
            for table, columns in now.column_order.items()
        },
        settings=now.settings,
    )


def _column(keys: Mapping[ObjectKey, ObjectKey], table: str, column: str) -> str:
    new = keys.get(ObjectKey("column", f"{table}.{column}"))
    return last_part(new.name) if new else column


def _statements(one: Difference) -> Iterator[str]:
    kind, new, old = one.key.kind, one.key.name, one.before or ""
    if kind in {"column", "constraint"}:
        yield _part(kind, split_name(new)[0], last_part(old), last_part(new))
        return
    before, after = split_schema(old), split_schema(new)
    if before is None or after is None:
        raise Unsure(f"{kind} {old}")
    (old_schema, old_name), (new_schema, new_name) = before, after
    if old_name != new_name:
        yield _renamed(kind, old, f"RENAME TO {new_name.partition('(')[0]}")
    if old_schema != new_schema:
        yield _renamed(kind, f"{old_schema}.{new_name}", f"SET SCHEMA {new_schema}")


def _renamed(kind: str, name: str, act: str) -> str:
    if kind in _RELATIONS:
        return f"ALTER {kind.upper()} IF EXISTS {name} {act}"
    return _guarded(
        f"pg_catalog.{_LOOKUPS[kind]}({literal(name)}) IS NOT NULL", f"ALTER {kind.upper()} {name} {act}"
    )


def _part(kind: str, table: str, old: str, new: str) -> str:
    catalog, of, name = (
        ("pg_attribute", "attrelid", "attname")
        if kind == "column"
        else ("pg_constraint", "conrelid", "conname")
    )
    parts = parse(old)
    if not parts:
        raise Unsure(f"{kind} {table}.{old}")
    there = (
        f"EXISTS (SELECT FROM pg_catalog.{catalog} WHERE {of} = pg_catalog.to_regclass({literal(table)})"
        f" AND {name} = {literal(parts[0])})"
    )
    return _guarded(there, f"ALTER TABLE {table} RENAME {kind.upper()} {old} TO {new}")


def _guarded(condition: str, statement: str) -> str:
    return f"DO $do$ BEGIN IF {condition} THEN {statement}; END IF; END $do$"
