"""One snapshot after the other of one database, each by looking again only at what may have changed.

Most of a schema is its relations with all that hangs on them. Those about which something was written since
the last look are read again, together with those whose texts name them; so is everything that is no relation,
since there is little of it. Where a change could show in texts to which nothing leads (a type was renamed, a
role, a schema), all is read again: the answer is that of a full snapshot in any case.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import LiteralString, TypeVar

from pipeline.postgres.connect import Connection
from pipeline.postgres.pinned import pinned
from pipeline.schema.assembly import Assembly, ObjectRow
from pipeline.schema.catalog import changes, relations
from pipeline.schema.catalog.query import Query
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.schema.reading import Reader, Row, oids, read
from pipeline.schema.snapshot import without_collections

Key = TypeVar("Key")
Value = TypeVar("Value")

EPOCH = 2**32
ROUTINES = frozenset({"function", "procedure", "aggregate"})
AMENDED = frozenset({"acl", "comment", "owner"})
ALONE = (relations.RELATIONS, relations.SEQUENCES)
PARTS = (
    relations.INDEXES,
    relations.CONSTRAINTS,
    relations.TRIGGERS,
    relations.RULES,
    relations.POLICIES,
    relations.STATISTICS,
)
"""What is asked of relations, and of what hangs on one, which is then the ``parent`` of its row."""

OF_THESE: LiteralString = "select q.* from ($asked) as q(oid, parent) where q.oid = any(%(only)s::oid[])"
PARTS_OF_THESE: LiteralString = OF_THESE.replace("q.oid =", "q.parent =")
HANGING_ON_THESE: LiteralString = (
    "select q.* from ($asked) as q(relation) where q.relation = any(%(only)s::oid[])"
)
WITH_COLUMNS = frozenset({"table", "foreign table"})
ORDERED = frozenset({*WITH_COLUMNS, "view", "materialized view", "type"})
CHOSEN = frozenset({"access method", "operator class", "operator family"})
"""What a text may leave unsaid where it is the usual one."""

Places = Mapping[str, Mapping[int, int]]
"""By catalog, the relation to which each row belongs."""

Comments = Mapping[str, Mapping[tuple[int, int], str]]
"""By catalog, the comments on each row and its columns."""


@dataclass(frozen=True)
class _Seen:
    """What was seen last: the snapshot, and what leads from a written row to the objects it is about.

    ``families`` are the objects of each relation, ``apart`` those that belong to none.
    """

    snapshot: Snapshot
    moment: str
    surroundings: tuple[object, ...]
    places: Places
    comments: Comments
    families: Mapping[int, Sequence[ObjectKey]]
    apart: Collection[ObjectKey]


@dataclass
class Successive:
    """Takes snapshots of one database; ``read_again`` counts the relations that the last one looked at.

    With fewer relations than ``worthwhile``, it is quicker to read them all.
    """

    managed: Sequence[str]
    exclude_tables: Collection[tuple[str, str]] = ()
    worthwhile: int = 100
    read_again: int | None = None
    _seen: _Seen | None = None

    def take(self, connection: Connection) -> Snapshot:
        """What ``snapshot.take`` would give; ``read_again`` is None where all had to be read."""
        with pinned(connection) as cursor, without_collections():
            seen, self._seen, self.read_again = self._seen, None, None
            reader = _Noting(cursor, connection.info.server_version)
            reader.settle(self.managed, self.exclude_tables)
            [(oldest, *names)] = reader.rows(tuple[str, str, str], changes.MOMENT)
            moment = str(int(oldest) % EPOCH)
            surroundings = (*names, reader.origin, reader.namespaces, reader.left_out)
            now = None
            if seen and len(seen.families) >= self.worthwhile and seen.surroundings == surroundings:
                now = _again(reader, seen, moment)
            self.read_again = now[1] if now else None
            self._seen = now[0] if now else _all(reader, moment, surroundings)
            return self._seen.snapshot


def _all(reader: "_Noting", moment: str, surroundings: tuple[object, ...]) -> _Seen:
    assembly, settings = read(reader)
    families = _families(assembly, reader.places)
    snapshot = assembly.snapshot(settings, reader.origin)
    apart = _apart(assembly, families)
    return _Seen(snapshot, moment, surroundings, reader.places, assembly.comments, families, apart)


def _again(reader: Reader, seen: _Seen, moment: str) -> tuple[_Seen, int] | None:
    """What is there now, by way of what was seen; None where that does not lead there."""
    [(age,)] = reader.rows(tuple[int], changes.AGE, since=seen.moment)
    [(elsewhere,)] = reader.rows(tuple[bool], changes.ELSEWHERE, age=age, namespaces=reader.namespaces)
    if elsewhere or "pg_seclabel" not in reader.bare:
        return None
    gone = _gone(reader, seen)
    changed = {oid for (oid,) in reader.rows(tuple[int], changes.CHANGED, age=age)}
    changed |= {seen.places[catalog][oid] for catalog, rows in gone.items() for oid in rows}
    changed |= {oid for (oid,) in reader.rows(tuple[int], changes.FOLLOWING, only=oids(changed))}
    again = _Again(reader.cursor, reader.version, reader.namespaces, reader.left_out, reader.bare)
    again.changed = oids(changed)
    assembly, settings = read(again)
    commented = _commented(seen, assembly.comments, again.places)
    if commented is None:
        return None
    if not commented <= changed:
        changed |= commented
        again.changed = oids(changed)
        assembly, settings = read(again)
    families = _families(assembly, again.places)
    apart = _apart(assembly, families)
    if not _texts_stay(seen, assembly, apart):
        return None
    dropped = seen.families.keys() & changed
    gone_keys = [*seen.apart, *(key for oid in dropped for key in seen.families[oid])]
    now = _Seen(
        _merged(seen.snapshot, gone_keys, assembly, settings),
        moment,
        seen.surroundings,
        {
            catalog: _besides(rows, gone[catalog], again.places[catalog])
            for catalog, rows in seen.places.items()
        },
        assembly.comments,
        _besides(seen.families, dropped, families),
        apart,
    )
    return now, len(families)


def _gone(reader: Reader, seen: _Seen) -> Mapping[str, Collection[int]]:
    """What was known and is there no more, by catalog."""
    there = dict(reader.rows(tuple[str, str | None], changes.THERE, namespaces=reader.namespaces))
    return {
        catalog: rows.keys() - set(map(int, (there[catalog] or "").split()))
        for catalog, rows in seen.places.items()
    }


def _besides(known: Mapping[Key, Value], gone: Iterable[Key], new: Mapping[Key, Value]) -> dict[Key, Value]:
    """``known`` without what is gone, and with what is new."""
    left = dict(known)
    for key in gone:
        left.pop(key, None)
    left.update(new)
    return left


@dataclass
class _Noting(Reader):
    """Notes the relation on which each row hangs."""

    places: dict[str, dict[int, int]] = field(
        default_factory=lambda: {query.catalog: {} for query in (*ALONE, *PARTS)}
    )

    def objects(self, query: Query) -> list[ObjectRow]:
        """The rows of an object query."""
        found = super().objects(self.narrowed(query))
        if query in ALONE or query in PARTS:
            self.places[query.catalog].update((row[0], row[1] or row[0]) for row in found)
        return found

    def narrowed(self, query: Query) -> Query:
        """The query to be asked instead."""
        return query


@dataclass
class _Again(_Noting):
    """Reads of relations only those in ``changed``, and everything else."""

    changed: str = "{}"

    def narrowed(self, query: Query) -> Query:
        """Of relations, those that may have changed."""
        if query in ALONE:
            return replace(query, sql=OF_THESE.replace("$asked", query.sql))
        if query in PARTS:
            return replace(query, sql=PARTS_OF_THESE.replace("$asked", query.sql))
        return query

    def rows(self, row: type[Row], query: LiteralString, **values: object) -> list[Row]:
        """The rows of any query, which may ask for ``only`` what may have changed."""
        return super().rows(row, query, **{"only": self.changed, **values})

    def hanging(self, row: type[Row], query: LiteralString, known: Iterable[int], of: str = "") -> list[Row]:
        """The rows that begin with a relation that has been read."""
        if of in self.bare:
            return []
        text = HANGING_ON_THESE.replace("$asked", query)
        return self.rows(row, text, namespaces=self.namespaces, only=oids(known))


def _families(assembly: Assembly, places: Places) -> dict[int, list[ObjectKey]]:
    """The objects of each relation of the assembly."""
    families: dict[int, list[ObjectKey]] = {}
    for oid, key in assembly.keys["pg_class"].items():
        if places["pg_class"].get(oid) == oid:
            columns = assembly.order.get(key.name, ()) if key.kind in WITH_COLUMNS else ()
            families[oid] = [key, *(ObjectKey("column", f"{key.name}.{column}") for column in columns)]
    for catalog, rows in places.items():
        for oid, key in assembly.keys[catalog].items():
            relation = rows.get(oid, oid)
            if relation != oid and relation in families:
                families[relation].append(key)
    return families


def _apart(assembly: Assembly, families: Mapping[int, Sequence[ObjectKey]]) -> frozenset[ObjectKey]:
    return frozenset(assembly.objects.keys() - {key for keys in families.values() for key in keys})


def _commented(seen: _Seen, comments: Comments, places: Places) -> set[int] | None:
    """The relations of which a comment is new, other or gone; None where it is not known which."""
    found: set[int] = set()
    for catalog, rows in places.items():
        before, now = seen.comments.get(catalog, {}), comments.get(catalog, {})
        for place, text in before.items() ^ now.items():
            del text
            relation = rows.get(place[0], seen.places[catalog].get(place[0]))
            if relation is None:
                return None
            found.add(relation)
    return found


def _texts_stay(seen: _Seen, assembly: Assembly, apart: Collection[ObjectKey]) -> bool:
    """Whether no text about a relation can have changed because of what is no relation."""
    stands = {assembly.identities.get(key): key for key in apart}
    for key in seen.apart:
        now = assembly.objects.get(key)
        if stands.get(seen.snapshot.identities.get(key), key) != key:
            return False
        if key.kind not in ROUTINES and (now is None or _told(now) != _told(seen.snapshot.objects[key])):
            return False
    return not any(key.kind in CHOSEN for key in apart if key not in seen.snapshot.objects)


def _told(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name not in AMENDED}


def _merged(
    before: Snapshot, gone: Collection[ObjectKey], assembly: Assembly, settings: Mapping[str, str]
) -> Snapshot:
    """What was seen, without what was read anew, and with that."""
    order = {name: tuple(columns) for name, columns in assembly.order.items()}
    return Snapshot(
        objects=_besides(before.objects, gone, assembly.objects),
        column_order=_besides(before.column_order, [key.name for key in gone if key.kind in ORDERED], order),
        settings=settings,
        origin=before.origin,
        identities=_besides(before.identities, gone, assembly.identities),
    )
