"""What differs between two snapshots: object by object, property by property.

The tuple keeps everything; what goes without saying (the parts of a new table, texts that only say the new
name of something renamed) is marked, and left out by ``words``. The order of columns is a class of its own,
since it is no part of the fingerprint; so are settings.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.schema.inheritance import parent_tables, parents_of
from pipeline.schema.majors import reason
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import NESTED, last_part, split_name
from pipeline.schema.renames import Renames


class Change(StrEnum):
    """How an object differs, in the order in which differences are told."""

    REMOVED = "removed"
    ADDED = "added"
    RENAMED = "renamed"
    CHANGED = "changed"
    REORDERED = "reordered"


KINDS = (
    "extension",
    "schema",
    "language",
    "foreign-data wrapper",
    "server",
    "user mapping",
    "access method",
    "collation",
    "conversion",
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
    "operator",
    "operator family",
    "operator class",
    "cast",
    "transform",
    "text search parser",
    "text search template",
    "text search dictionary",
    "text search configuration",
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

_TURN = {change: turn for turn, change in enumerate(Change)}
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_TABLES = ("table", "foreign table", "type")
_WHOLES = (*_TABLES, "view", "materialized view", "domain")

SETTING = "setting"
"""The kind of what ``diff_settings`` tells."""


@dataclass(frozen=True)
class Difference:
    """One difference; ``property``, ``before`` and ``after`` say more where an object was changed.

    Added and removed objects carry no property: theirs are all new or all gone; of columns, constraints and
    indexes, ``before`` or ``after`` says the essence. A renamed object carries its names, a reordered table its
    column names (comma-separated), before and after; ``key`` is the new one, except of what is gone.
    ``within`` names the table, view or type (``whole`` is its kind) that the object is a part of.

    ``implied`` marks what follows from a rename and goes without saying; ``in_place``, that it is the very same
    object, altered. ``because`` is the server's own reason for printing the same thing otherwise.
    """

    change: Change
    key: ObjectKey
    property: str | None = None
    before: str | None = None
    after: str | None = None
    within: str | None = None
    whole: str | None = None
    implied: bool = False
    in_place: bool = False
    because: str | None = None


def is_soft(difference: Difference) -> bool:
    """Whether it is told, and refuses nothing: the order of columns, and what is the server's own."""
    return difference.change is Change.REORDERED or difference.because is not None


def diff(before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
    """Every difference, grouped by kind and ordered by name; empty exactly when nothing differs.

    Renames are told as such where they are certain. Settings are not compared here: they are outside the
    fingerprint and have a digest of their own.
    """
    return _Comparison(before, after, Renames.between(before, after)).told()


def diff_by_name(before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
    """The same for whoever goes by names: what is called otherwise is gone, and something else is new."""
    return _Comparison(before, after, Renames({})).told()


def diff_settings(before: Snapshot, after: Snapshot) -> tuple[Difference, ...]:
    """The settings that differ, by name; each is a difference of kind ``setting`` with its values."""
    found: list[Difference] = []
    for name in sorted(before.settings.keys() | after.settings.keys()):
        was, now = before.settings.get(name), after.settings.get(name)
        if was != now:
            change = Change.ADDED if was is None else Change.REMOVED if now is None else Change.CHANGED
            value = "value" if change is Change.CHANGED else None
            found.append(Difference(change, ObjectKey(SETTING, name), value, was, now))
    return tuple(found)


def place(difference: Difference) -> tuple[int, str, str, int, str]:
    """Where a difference stands among others: by kind, then by name."""
    key = difference.key
    rank = _RANK.get(key.kind, len(KINDS))
    return rank, key.kind, key.name, _TURN[difference.change], difference.property or ""


_Act = tuple[Change, ObjectKey, str | None, str | None, str | None]


def _act(one: Difference, key: ObjectKey) -> _Act:
    """What happened, as if it had happened to ``key``; names and definitions would say the table's."""
    match one.change:
        case Change.CHANGED | Change.REORDERED:
            return one.change, key, one.property, one.before, one.after
        case Change.RENAMED:
            return one.change, key, None, last_part(one.before or ""), None
        case _:
            return one.change, key, None, None, None


@dataclass(frozen=True)
class _Comparison:
    before: Snapshot
    after: Snapshot
    renames: Renames

    def told(self) -> tuple[Difference, ...]:
        """Everything, in order."""
        found = [*self._objects(), *self._orders()]
        seen = {_act(one, one.key) for one in found}
        marked = (replace(one, implied=True) if self._inherited(one, seen) else one for one in found)
        return tuple(sorted(marked, key=place))

    def _inherited(self, one: Difference, seen: Collection[_Act]) -> bool:
        """Whether the same happened to what a partition or child table has it from."""
        snapshot = self.before if one.change is Change.REMOVED else self.after
        parents = parent_tables if one.change is Change.REORDERED else parents_of
        return any(_act(one, parent) in seen for parent in parents(one.key, snapshot))

    def _objects(self) -> Iterator[Difference]:
        taken = set(self.renames.keys.values())
        for old, was in self.before.objects.items():
            new = self._now(old, taken)
            if new is None:
                within, whole = _within(self.before, old, was)
                within = within and self.renames.name_of_whole(within)
                essence = _essence(old, was)
                yield Difference(Change.REMOVED, old, None, essence, None, within, whole)
                continue
            if new is not old:
                yield self._renamed(old, new)
            now = self.after.objects[new]
            if was != now:
                yield from self._properties(old, new, was, now)
        for new, now in self.after.objects.items():
            if new not in taken and (new not in self.before.objects or new in self.renames.keys):
                within, whole = _within(self.after, new, now)
                yield Difference(Change.ADDED, new, None, None, _essence(new, now), within, whole)

    def _now(self, old: ObjectKey, taken: set[ObjectKey]) -> ObjectKey | None:
        """What the object is called now; None where it is gone."""
        if (new := self.renames.keys.get(old)) is not None:
            return new
        return old if old in self.after.objects and old not in taken else None

    def _renamed(self, old: ObjectKey, new: ObjectKey) -> Difference:
        within, whole = _within(self.after, new, self.after.objects[new])
        table = _within(self.before, old, self.before.objects[old])[0]
        implied = self.renames.explain_name(old, new, table)
        return Difference(
            Change.RENAMED, new, None, old.name, new.name, within, whole, implied=implied, in_place=True
        )

    def _properties(
        self, old: ObjectKey, new: ObjectKey, was: Properties, now: Properties
    ) -> Iterator[Difference]:
        within, whole = _within(self.after, new, now)
        table = _within(self.before, old, was)[0]
        in_place = self._same(old, new)
        for name in sorted(was.keys() | now.keys()):
            text, new_text = was.get(name), now.get(name)
            if text == new_text:
                continue
            both = text is not None and new_text is not None
            implied = both and self.renames.explain_text(old, name, text or "", new_text or "", table)
            if name == "not null name" and self.renames.keys:
                implied = self.renames.explain_not_null(old, new, text, new_text)
            yield Difference(
                Change.CHANGED,
                new,
                name,
                text,
                new_text,
                within,
                whole,
                implied=implied,
                in_place=in_place,
                because=reason(new.kind, name, text or "", new_text or "") if both else None,
            )

    def _same(self, old: ObjectKey, new: ObjectKey) -> bool:
        """Whether it is certainly the same object, whatever it is called."""
        identity = self.before.identities.get(old)
        known = self.before.origin != "" and self.before.origin == self.after.origin and identity is not None
        return known and identity == self.after.identities.get(new)

    def _orders(self) -> Iterator[Difference]:
        """Only where both have the same columns: with others, the order could not be the same."""
        taken = set(self.renames.keys.values())
        for name, columns in self.before.column_order.items():
            if self.after.column_order.get(name) == columns and not taken:
                continue
            old = _table(name, self.before)
            new = self._now(old, taken) if old is not None else None
            if old is None or new is None or new.kind not in _TABLES:
                continue
            was, now = self._columns(old, columns), self.after.column_order.get(new.name, ())
            if was != now and sorted(was) == sorted(now):
                yield Difference(Change.REORDERED, new, None, ", ".join(was), ", ".join(now))

    def _columns(self, table: ObjectKey, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The columns in the order they had, by the names they have."""
        kind = "attribute" if table.kind == "type" else "column"
        keys = [ObjectKey(kind, f"{table.name}.{column}") for column in columns]
        renamed: Mapping[ObjectKey, ObjectKey] = self.renames.keys
        return tuple(
            last_part(renamed[key].name) if key in renamed else column
            for key, column in zip(keys, columns, strict=True)
        )


def _table(name: str, snapshot: Snapshot) -> ObjectKey | None:
    keys = (ObjectKey(kind, name) for kind in _TABLES)
    return next((key for key in keys if key in snapshot.objects), None)


def _within(snapshot: Snapshot, key: ObjectKey, properties: Properties) -> tuple[str | None, str | None]:
    """The name and the kind of what the object is a part of."""
    if key.kind == "sequence":
        column = properties.get("owned by")
        name = split_name(column)[0] if column else None
    else:
        name = properties.get("table") or (split_name(key.name)[0] if key.kind in NESTED else None)
    if name is None:
        return None, None
    return name, next((kind for kind in _WHOLES if ObjectKey(kind, name) in snapshot.objects), None)


def _essence(key: ObjectKey, properties: Properties) -> str | None:
    """What says most about a part that is new or gone."""
    match key.kind:
        case "column" | "attribute":
            return " ".join(_column_words(properties)) or None
        case "constraint" | "domain constraint":
            return properties.get("definition")
        case "index":
            head, _, columns = (properties.get("definition") or "").partition(" USING ")
            return f"unique {columns}" if head.startswith("CREATE UNIQUE") else columns or None
        case _:
            return None


def _column_words(properties: Properties) -> Iterator[str]:
    yield properties.get("type") or ""
    if (properties.get("not null") or "").startswith("yes"):
        yield "not null"
    for name in ("default", "generated", "identity"):
        if value := properties.get(name):
            yield f"{name} {value}"
