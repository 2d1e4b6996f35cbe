"""SQL that adds and alters columns of tables."""

from collections.abc import Iterator

from pipeline.schema import ddl
from pipeline.schema.ddl import Unsure
from pipeline.schema.model import ObjectKey, Properties
from pipeline.schema.names import split_name

_IN_PLACE = frozenset({"type", "not null", "default", "identity", "collation", "generated"})
_DETAILS = frozenset({"storage", "compression", "statistics"})
_AMENDED = frozenset({"owner", "acl", "comment"})


def text(properties: Properties) -> str:
    """A column's definition behind its name. Raises Unsure for what is not covered."""
    strange = properties.keys() - _IN_PLACE - _DETAILS - _AMENDED
    if strange or properties.get("not null") not in {"yes", "no"}:
        raise Unsure(f"column: {', '.join(sorted(strange)) or 'not null'}")
    words = [properties.get("type") or ""]
    if collation := properties.get("collation"):
        words.append(f"COLLATE {collation}")
    if generated := properties.get("generated"):
        expression, _, kind = generated.rpartition(" ")
        words.append(f"GENERATED ALWAYS AS ({expression}) {kind.upper()}")
    if default := properties.get("default"):
        words.append(f"DEFAULT {default}")
    if identity := properties.get("identity"):
        words.append(f"GENERATED {identity.upper()} AS IDENTITY")
    if properties.get("not null") == "yes":
        words.append("NOT NULL")
    return " ".join(words)


def details(key: ObjectKey, properties: Properties) -> Iterator[str]:
    """What a definition cannot say of a new column."""
    wanted = {name: value for name, value in properties.items() if name in _DETAILS}
    yield from altered(key, {}, wanted)


def altered(key: ObjectKey, now: Properties, wanted: Properties) -> Iterator[str]:
    """What takes the properties of ``now`` to those of ``wanted``; both hold what differs. Raises Unsure."""
    table, name = split_name(key.name)
    column = f"ALTER TABLE {table} ALTER COLUMN {name}"
    for what in sorted(now.keys() | wanted.keys(), key=lambda one: (one != "type", one)):
        value = wanted.get(what)
        match what:
            case "type":
                yield f"{column} TYPE {value} USING {name}::{value}"
            case "default":
                yield f"{column} SET DEFAULT {value}" if value is not None else f"{column} DROP DEFAULT"
            case "not null" if value in {"yes", "no"}:
                yield f"{column} {'SET' if value == 'yes' else 'DROP'} NOT NULL"
            case "identity" if value is None:
                yield f"{column} DROP IDENTITY IF EXISTS"
            case "identity" if now.get(what):
                yield f"{column} SET GENERATED {(value or '').upper()}"
            case "storage" | "compression":
                yield f"{column} SET {what.upper()} {(value or 'default').upper()}"
            case "statistics":
                yield f"{column} SET STATISTICS {value or -1}"
            case _:
                raise Unsure(f"column {key.name}: {what}")


def amended(key: ObjectKey, now: Properties, wanted: Properties) -> Iterator[str]:
    """Privileges and comments."""
    if now.get("acl") != wanted.get("acl"):
        raise Unsure(f"column {key.name}: acl")
    if now.get("comment") != wanted.get("comment"):
        yield from ddl.amend(key, {"comment": now.get("comment")}, {"comment": wanted.get("comment")})
