"""Derive the way back of a repeatable migration from the snapshots on both sides of it.

A repeatable has no down script, but what it makes (views, functions, triggers, rules, policies) holds no data
of its own, so the earlier snapshot says all there is to say. Dependencies are read from the definitions, which
the server prints with qualified names. The answer is a proposal: a rehearsal proves it before it counts.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from pipeline.schema import ddl
from pipeline.schema.diff import Change, Difference, diff_by_name
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import split_name

_WHOLE = frozenset({"view", "materialized view", "function", "procedure"})
_CHILDREN = frozenset({"trigger", "rule", "policy", "index"})
_SIGNATURE = frozenset({"arguments", "returns", "window"})


def way_back_of(before: Snapshot, after: Snapshot) -> tuple[str, ...] | None:
    """Statements (without semicolons) that take ``after`` back to ``before``; empty when nothing differs.

    None where a table, a column or anything else that may hold data differs, and where the order or the
    statement is not certain.
    """
    differences = diff_by_name(before, after)
    if any(not _derivable(one, before, after) for one in differences):
        return None
    try:
        return tuple(_WayBack(before, after, differences).statements())
    except (ddl.Unsure, CycleError):
        return None


def _derivable(one: Difference, before: Snapshot, after: Snapshot) -> bool:
    if one.key.kind == "index":
        properties = after.objects.get(one.key) or before.objects[one.key]
        view = ObjectKey("materialized view", properties.get("table") or "")
        return view in before.objects or view in after.objects
    return one.change is not Change.REORDERED and one.key.kind in _WHOLE | _CHILDREN


@dataclass(frozen=True)
class _WayBack:
    before: Snapshot
    after: Snapshot
    differences: tuple[Difference, ...]

    def statements(self) -> Iterator[str]:
        """Clear the way, bring back what was, then drop what is new."""
        early = self.cleared
        self._refuse_to_break(early)
        gone = {key.name for key in early | self.added}
        yield from (
            ddl.drop(key) for key in sorted(self.children_dropped) if _table_of(key, self.after) not in gone
        )
        yield from map(ddl.drop, reversed(_sorted(early, self.after, _needs)))
        yield from self._brought_back(early)
        yield from map(ddl.drop, reversed(_sorted(self.added - early, self.after, _needs)))

    def _brought_back(self, cleared: Collection[ObjectKey]) -> Iterator[str]:
        anew = (self.removed | set(cleared)) & self.before.objects.keys()
        for key in _sorted(anew | self.replaced, self.before, _mentions):
            yield from ddl.create(key, self.before.objects[key], replace=key in self.replaced)
        yield from self._amended()
        names = {key.name for key in anew}
        for key in sorted(self.before.objects):
            if key.kind in _CHILDREN and (
                key in self.children_restored or _table_of(key, self.before) in names
            ):
                yield from ddl.create(key, self.before.objects[key])

    def _amended(self) -> Iterator[str]:
        kept = (key for key in self.changed if key not in self.cleared and key not in self.children_dropped)
        for key in sorted(kept):
            now, wanted = self.after.objects[key], self.before.objects[key]
            yield from ddl.amend(key, _only(now, self.changed[key]), _only(wanted, self.changed[key]))

    @cached_property
    def changed(self) -> Mapping[ObjectKey, frozenset[str]]:
        """The changed objects, with the properties that amending (not defining) brings back."""
        names: dict[ObjectKey, set[str]] = {}
        for one in self.differences:
            if one.change is Change.CHANGED and one.property is not None:
                found = names.setdefault(one.key, set())
                if ddl.amendable(one.property):
                    found.add(one.property)
        return {key: frozenset(found) for key, found in names.items()}

    @cached_property
    def redefined(self) -> Mapping[ObjectKey, frozenset[str]]:
        """The changed objects whose definition differs, with what of it does."""
        names: dict[ObjectKey, set[str]] = {}
        for one in self.differences:
            if one.property is not None and one.property not in self.changed[one.key]:
                names.setdefault(one.key, set()).add(one.property)
        return {key: frozenset(found) for key, found in names.items()}

    @cached_property
    def added(self) -> frozenset[ObjectKey]:
        """Views and routines that are new."""
        return self._with(Change.ADDED, _WHOLE)

    @cached_property
    def removed(self) -> frozenset[ObjectKey]:
        """Views and routines that are gone."""
        return self._with(Change.REMOVED, _WHOLE)

    @cached_property
    def children_dropped(self) -> frozenset[ObjectKey]:
        """Triggers and the like that are new or defined otherwise."""
        return self._with(Change.ADDED, _CHILDREN) | {key for key in self.redefined if key.kind in _CHILDREN}

    @cached_property
    def children_restored(self) -> frozenset[ObjectKey]:
        """Triggers and the like that are gone or defined otherwise."""
        return self._with(Change.REMOVED, _CHILDREN) | {key for key in self.redefined if key.kind in _CHILDREN}

    @cached_property
    def replaced(self) -> frozenset[ObjectKey]:
        """What CREATE OR REPLACE can take back in place."""
        return frozenset(key for key in self.redefined if key.kind in _WHOLE and self._replaceable(key))

    @cached_property
    def cleared(self) -> frozenset[ObjectKey]:
        """What must be dropped before anything is brought back, with what is new and needs it."""
        names = {key.name for key in self.removed}
        cleared = {key for key in self.redefined if key.kind in _WHOLE} - self.replaced
        cleared |= {key for key in self.added if key.name in names}
        while True:
            more = {
                key
                for key in self.added - cleared
                if any(_speaks_of(_needs(self.after.objects[key]), other) for other in cleared)
            }
            if not more:
                return frozenset(cleared)
            cleared |= more

    def _with(self, change: Change, kinds: Collection[str]) -> frozenset[ObjectKey]:
        return frozenset(one.key for one in self.differences if one.change is change and one.key.kind in kinds)

    def _replaceable(self, key: ObjectKey) -> bool:
        """A view as long as its columns stay, a routine as long as its signature does."""
        if key.kind == "view":
            return self.before.column_order.get(key.name) == self.after.column_order.get(key.name)
        return key.kind != "materialized view" and not self.redefined[key] & _SIGNATURE

    def _refuse_to_break(self, cleared: Collection[ObjectKey]) -> None:
        """Nothing that stays may need what is dropped for a while."""
        names = {key.name for key in cleared}
        for key, properties in self.after.objects.items():
            if key in cleared or key in self.children_dropped or _table_of(key, self.after) in names:
                continue
            if any(_speaks_of(_all_text(properties), other) for other in cleared):
                raise ddl.Unsure(f"{key.kind} {key.name} needs what would be dropped")


def _only(properties: Properties, names: Collection[str]) -> Properties:
    return {name: value for name, value in properties.items() if name in names}


def _table_of(key: ObjectKey, snapshot: Snapshot) -> str | None:
    if key.kind in ddl.ON_TABLE:
        return split_name(key.name)[0]
    return snapshot.objects.get(key, {}).get("table")


def _needs(properties: Properties) -> str:
    """The text whose names the server records as dependencies; the body of a function is just a string."""
    names = ("definition", "arguments", "returns", "sql body", "using", "with check", "support")
    return "\n".join(properties.get(name) or "" for name in names)


def _mentions(properties: Properties) -> str:
    """The text whose names must exist at creation: a body in SQL is checked then."""
    body = properties.get("body") if properties.get("language") == "sql" else None
    return f"{_needs(properties)}\n{body or ''}"


def _all_text(properties: Properties) -> str:
    return "\n".join(value or "" for name, value in properties.items() if name not in {"body", "comment"})


def _speaks_of(text: str, key: ObjectKey) -> bool:
    name = key.name.partition("(")[0] if key.kind in {"function", "procedure"} else key.name
    return name in text and re.search(rf'(?<![\w$".]){re.escape(name)}(?![\w$"])', text) is not None


def _sorted(
    keys: Iterable[ObjectKey], snapshot: Snapshot, text_of: Callable[[Properties], str]
) -> list[ObjectKey]:
    """Those first that others need; raises CycleError."""
    ordered = sorted(keys)
    texts = {key: text_of(snapshot.objects[key]) for key in ordered}
    graph = {
        key: [other for other in ordered if other != key and _speaks_of(texts[key], other)] for key in ordered
    }
    return list(TopologicalSorter(graph).static_order())
