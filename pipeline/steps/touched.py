"""Does a difference touch what a release touches? Where that is not certain, it does.

A release touches what its scripts mention (in any place, function bodies and strings included), what its
rehearsal changed or locked, and the functions, types and sequences that those objects go by. What belongs to
no single object of a schema, such as an extension or an event trigger, is touched by every release.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.schema.diff import Change, Difference, diff
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.names import NESTED, split_name
from pipeline.sql.identifiers import parse
from pipeline.steps.prepare import Prepared
from pipeline.steps.rehearse import Rehearsal

_WORD = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')
_RELATIONS = frozenset({"table", "foreign table", "view", "materialized view"})
_SERVING = frozenset({"function", "procedure", "aggregate", "type", "domain", "sequence"})

Name = tuple[str, ...]
"""A qualified name, its parts without quotes."""


@dataclass(frozen=True)
class Touched:
    """What a release touches: ``words`` its scripts mention, ``names`` of objects it was seen to touch."""

    words: frozenset[str] = frozenset()
    names: frozenset[Name] = frozenset()

    def holds(self, name: Name) -> bool:
        """Whether the release touches the object of that name itself."""
        return name in self.names or name[-1] in self.words


def by_scripts(pending: Sequence[Prepared]) -> Touched:
    """What the scripts of a release mention."""
    return Touched(words=frozenset(word for one in pending for word in _words(one.migration.up.sql)))


def by_rehearsal(rehearsal: Rehearsal) -> Touched:
    """What a rehearsal changed or locked."""
    end = rehearsal.end or rehearsal.start
    changed = {
        name
        for one in diff(rehearsal.start, end)
        for name in _names_of(one, {**end.objects, **rehearsal.start.objects})
    }
    locked = {
        tuple(lock.relation.split(".", 1))
        for migration in rehearsal.migrations
        for measured in migration.measured
        for lock in measured.locks or ()
    }
    return Touched(names=frozenset(changed | locked))


def touching(
    differences: Sequence[Difference], touched: Touched, *, expected: Snapshot, live: Snapshot
) -> tuple[Difference, ...]:
    """Those of the differences between ``expected`` and ``live`` that touch what the release touches."""
    objects = {**expected.objects, **live.objects}
    reached = _reached(touched, [expected, live])
    return tuple(
        one
        for one in differences
        if not (names := _names_of(one, objects)) or any(name in reached for name in names)
    )


def _reached(touched: Touched, snapshots: Iterable[Snapshot]) -> Collection[Name]:
    """The names of what is touched, and of what that goes by."""
    objects = [item for snapshot in snapshots for item in snapshot.objects.items()]
    owners = [(key, properties, owner) for key, properties in objects if (owner := _whole(key, properties))]
    serving = {
        owner[-1]: {name for key, _, name in owners if name[-1] == owner[-1] and key.kind in _SERVING}
        for key, _, owner in owners
        if key.kind in _SERVING
    }
    reached = {owner for _, _, owner in owners if touched.holds(owner)}
    fresh = set(reached)
    while fresh:
        texts = [properties for _, properties, owner in owners if owner in fresh]
        mentioned = {
            word for properties in texts for value in properties.values() for word in _words(value or "")
        }
        fresh = {name for word in mentioned & serving.keys() for name in serving[word]} - reached
        reached |= fresh
    return reached


def _names_of(difference: Difference, objects: Mapping[ObjectKey, Properties]) -> tuple[Name, ...]:
    """The objects that a difference is about; none where that is not certain."""
    keys = [difference.key]
    if difference.change is Change.RENAMED:
        keys.append(ObjectKey(difference.key.kind, difference.before or ""))
    wholes = [_whole(key, objects.get(key, {})) for key in keys]
    return tuple(whole for whole in wholes if whole)


def _whole(key: ObjectKey, properties: Properties) -> Name | None:
    """The name of the object of a schema that an object is, or is a part of; None where there is no such."""
    if table := properties.get("table"):
        return parse(table)
    if key.kind in NESTED:
        return parse(split_name(key.name)[0])
    if key.kind == "sequence" and (column := properties.get("owned by")):
        return parse(split_name(column)[0])
    if key.kind in _RELATIONS | _SERVING:
        return parse(key.name.partition("(")[0])
    return None


def _words(text: str) -> Iterator[str]:
    for quoted, plain in _WORD.findall(text):
        yield quoted.replace('""', '"') if quoted else plain.lower()
