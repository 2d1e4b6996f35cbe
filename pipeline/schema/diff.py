"""What differs between two snapshots: object by object, property by property, then in words.

The tuple keeps everything; ``summarise`` is for people and lets what belongs to an added or removed object go
without saying. The order of columns is a class of its own, since it is no part of the fingerprint.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile, zip_longest

from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import NESTED, split_name


class Change(StrEnum):
    """How an object differs, in the order in which differences are told."""

    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"
    REORDERED = "reordered"


KINDS = (
    "extension",
    "schema",
    "language",
    "foreign-data wrapper",
    "server",
    "user mapping",
    "collation",
    "type",
    "attribute",
    "domain",
    "domain constraint",
    "sequence",
    "table",
    "foreign table",
    "column",
    "constraint",
    "index",
    "statistics",
    "function",
    "procedure",
    "aggregate",
    "cast",
    "view",
    "materialized view",
    "rule",
    "trigger",
    "policy",
    "event trigger",
    "publication",
    "default privileges",
)
"""Kinds in the order in which they are told; one that is not listed comes last."""

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_TABLES = ("table", "foreign table", "type")
_LONG = 60


@dataclass(frozen=True)
class Difference:
    """One difference; ``property``, ``before`` and ``after`` say more where an object was changed.

    Added and removed objects carry no property: theirs are all new or all gone; ``within`` names the table,
    view or type that they are a part of. A reordered table carries its column names, comma-separated, before
    and after.
    """

    change: Change
    key: ObjectKey
    property: str | None = None
    before: str | None = None
    after: str | None = None
    within: str | None = None


def diff(before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
    """Every difference, grouped by kind and ordered by name; empty exactly when nothing differs.

    Settings are not compared here: they are outside the fingerprint and have a digest of their own.
    """
    found = [*_objects(before, after), *_orders(before, after)]
    return tuple(sorted(found, key=_place))


def in_words(difference: Difference) -> str:
    """One line for people: ``column public.orders.total: type integer → bigint``."""
    name = f"{difference.key.kind} {difference.key.name}"
    if difference.change is Change.REORDERED:
        return f"{name}: columns reordered, {difference.before} → {difference.after}"
    if difference.property is None:
        return f"{name} {difference.change}"
    where, before, after = _shortened(difference.before, difference.after)
    if before == after:
        return f"{name}: {difference.property} {where}differs in white space"
    return f"{name}: {difference.property} {where}{before} → {after}"


def summarise(differences: Sequence[Difference]) -> tuple[str, ...]:
    """Lines for people: parts of an added or removed object are not told one by one."""
    whole = {(one.change, one.key.name) for one in differences if one.property is None and one.within is None}
    return tuple(in_words(one) for one in differences if (one.change, one.within) not in whole)


def _objects(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    for key, old in before.objects.items():
        new = after.objects.get(key)
        if new is None:
            yield Difference(Change.REMOVED, key, within=_within(key, old))
        elif old != new:
            yield from _properties(key, old, new)
    for key, new in after.objects.items():
        if key not in before.objects:
            yield Difference(Change.ADDED, key, within=_within(key, new))


def _properties(key: ObjectKey, old: Properties, new: Properties) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was != now:
            yield Difference(Change.CHANGED, key, name, was, now)


def _orders(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    """Only where both have the same columns: with others, the order could not be the same."""
    for name, old in before.column_order.items():
        new = after.column_order.get(name)
        if new is None or new == old or sorted(new) != sorted(old):
            continue
        kind = next((kind for kind in _TABLES if ObjectKey(kind, name) in after.objects), None)
        if kind is not None:
            yield Difference(Change.REORDERED, ObjectKey(kind, name), None, ", ".join(old), ", ".join(new))


def _place(difference: Difference) -> tuple[int, str, str, str, str]:
    key = difference.key
    rank = _RANK.get(key.kind, len(KINDS))
    return rank, key.kind, key.name, difference.change, difference.property or ""


def _within(key: ObjectKey, properties: Properties) -> str | None:
    if key.kind == "sequence":
        column = properties.get("owned by")
        return split_name(column)[0] if column else None
    return properties.get("table") or (split_name(key.name)[0] if key.kind in NESTED else None)


def _shortened(before: str | None, after: str | None) -> tuple[str, str, str]:
    """Both texts on one line; of long ones, where they first differ, and that place in words."""
    if before is None or after is None:
        return "", _cut(before), _cut(after)
    if max(len(before), len(after)) <= _LONG and "\n" not in before + after:
        return "", _cut(before), _cut(after)
    lines = zip_longest(before.splitlines(), after.splitlines())
    number, (was, now) = next(
        ((number, pair) for number, pair in enumerate(lines, 1) if pair[0] != pair[1]), (0, (before, after))
    )
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(was or "", now or "", strict=False)))
    start = max(0, alike - _LONG // 3)
    where = f"line {number}: " if number > 1 else ""
    return where, _cut(was, start), _cut(now, start)


def _cut(text: str | None, start: int = 0) -> str:
    if text is None:
        return "(none)"
    line = " ".join(text[start:].split())
    begin = "…" if start else ""
    return f"{begin}{line[:_LONG]}…" if len(line) > _LONG else f"{begin}{line}" or "(empty)"
