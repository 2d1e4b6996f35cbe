"""Put catalog rows together into a snapshot; pure, so that it sees rows and no server.

Rows come in the order of their dependence: a child whose parent has not been seen was left out on purpose
(ledgers, members of extensions) and is left out too.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from pipeline.schema.acls import Acl, AclKey
from pipeline.schema.catalog.query import Query
from pipeline.schema.model import ObjectKey, Snapshot

ObjectRow = tuple[int, int | None, str, str, str | None, str | None, *tuple[str | None, ...]]
"""``oid, parent, kind, name, owner, acl`` and the values of the query's properties."""

ColumnRow = tuple[int, int, str, str | None, *tuple[str | None, ...]]
"""``relation, number, name, acl`` and the values of the column properties."""

ForeignRow = tuple[int, str, str | None]
"""``relation, server, options``."""

DefaultRow = tuple[int, str, str | None, str, str, str]
"""``oid, role, schema, kind, letter, acl``."""

_VIEWS = ("view", "materialized view")
_COLUMNS = {"table": "column", "foreign table": "column", "type": "attribute"}
_STATE = re.compile(r"(?P<deferrable> DEFERRABLE( INITIALLY DEFERRED)?)?( NOT ENFORCED| NOT VALID)?$")
_STATES = (" DEFERRABLE", " INITIALLY DEFERRED", " NOT ENFORCED", " NOT VALID")


@dataclass
class Assembly:
    """A snapshot in the making. ``comments`` by catalog, then by oid and column number (0: the object)."""

    comments: Mapping[str, Mapping[tuple[int, int], str]]
    acls: dict[AclKey, Acl]
    objects: dict[ObjectKey, dict[str, str]] = field(default_factory=dict[ObjectKey, dict[str, str]])
    order: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[str, dict[int, ObjectKey]] = field(default_factory=lambda: defaultdict(dict))
    identities: dict[ObjectKey, str] = field(default_factory=dict[ObjectKey, str])

    def snapshot(self, settings: Mapping[str, str], origin: str = "") -> Snapshot:
        """The value, done."""
        order = {name: tuple(columns) for name, columns in self.order.items()}
        return Snapshot(self.objects, order, settings, origin, self.identities)

    def add(self, query: Query, rows: Iterable[ObjectRow]) -> None:
        """Take in the objects of one query."""
        above = self.keys[query.within] if query.within else None
        keys, comments = self.keys[query.catalog], self.comments.get(query.catalog, {})
        for oid, parent, kind, own, owner, acl, *values in rows:
            over = above.get(parent or 0) if above is not None else None
            if above is not None and over is None:
                continue
            name = f"{over.name}.{own}" if over is not None and query.nested else own
            properties = _present(query.properties, values)
            if over is not None and not query.nested:
                properties["table"] = over.name
            if owner is not None:
                properties["owner"] = owner
                if acl is not None:
                    self._grant(properties, "acl", (query.letter, owner, acl))
            if comments and (comment := comments.get((oid, 0))):
                properties["comment"] = comment
            if query.catalog == "pg_constraint":
                _split_state(properties)
            keys[oid] = key = ObjectKey(kind, name)
            self.objects[key] = properties
            self.identities[key] = f"{query.catalog}/{oid}"

    def add_types(self, query: Query, rows: Sequence[ObjectRow]) -> None:
        """Take in types; the attributes of a composite hang on a relation of its own."""
        self.add(query, rows)
        for oid, relation, *_ in rows:
            if relation is not None:
                self.keys["pg_class"][relation] = self.keys["pg_type"][oid]

    def add_columns(self, names: Sequence[str], rows: Iterable[ColumnRow]) -> None:
        """Take in columns and attributes, in physical order; those of views only add to their view."""
        comments = self.comments.get("pg_class", {})
        alike: dict[tuple[str | None, ...], dict[str, str]] = {}
        for oid, columns in groupby(rows, itemgetter(0)):
            table = self.keys["pg_class"].get(oid)
            if table is None:
                continue
            word, owner = _COLUMNS.get(table.kind), self.objects[table].get("owner", "")
            for row in columns:
                number, name, acl, values = row[1], row[2], row[3], row[4:]
                if (said := alike.get(values)) is None:
                    said = alike[values] = _present(names, values)
                properties = said.copy()
                if acl is not None:
                    self._grant(properties, "acl", ("c", owner, acl))
                if comments and (comment := comments.get((oid, number))):
                    properties["comment"] = comment
                if word is None:
                    self._tell_of_column(table, number, name, properties)
                    continue
                self.order[table.name].append(name)
                key = ObjectKey(word, f"{table.name}.{name}")
                self.objects[key] = properties
                self.identities[key] = f"pg_class/{oid}/{number}"

    def add_constraints(self, query: Query, rows: Sequence[ObjectRow]) -> None:
        """Take in constraints, with what is left to say of the indexes that they keep."""
        self.add(query, rows)
        comments = self.comments.get("pg_class", {})
        for oid, table, *_ in rows:
            key = self.keys["pg_constraint"].get(oid)
            if key is None:
                continue
            properties = self.objects[key]
            index = properties.pop("index", None)
            if index is not None:
                self.keys["pg_class"][int(index)] = key
                if comment := comments.get((int(index), 0)):
                    properties["index comment"] = comment
            if properties.pop("index replica identity", None):
                self._identify_rows(table, f"constraint {key.name}")

    def add_indexes(self, query: Query, rows: Sequence[ObjectRow]) -> None:
        """Take in indexes; the one that identifies rows for replication is a property of its table."""
        self.add(query, rows)
        for oid, table, *_ in rows:
            key = self.keys["pg_class"].get(oid)
            if key is not None and self.objects[key].pop("replica identity", None):
                self._identify_rows(table, f"index {key.name}")

    def add_parents(self, rows: Iterable[tuple[int, str]]) -> None:
        """Take in what tables and indexes inherit from; a constraint's index follows its constraint."""
        for oid, parent in rows:
            key = self.keys["pg_class"].get(oid)
            if key is not None and key.kind != "constraint":
                properties = self.objects[key]
                known = properties.get("inherits")
                properties["inherits"] = parent if known is None else f"{known}, {parent}"

    def add_foreign_tables(self, rows: Iterable[ForeignRow]) -> None:
        """Take in the server and the options of foreign tables."""
        for oid, server, options in rows:
            key = self.keys["pg_class"].get(oid)
            if key is not None:
                self.objects[key]["server"] = server
                if options is not None:
                    self.objects[key]["fdw options"] = options

    def add_default_privileges(self, rows: Iterable[DefaultRow]) -> None:
        """Take in default privileges; those of a schema only ever add to the global ones."""
        for oid, role, schema, kind, letter, acl in rows:
            key = ObjectKey("default privileges", f"{role}{f' in schema {schema}' if schema else ''} on {kind}")
            canonical = self.acls[letter, role, acl].canonical(beyond_default=schema is None)
            self.objects[key] = {"acl": canonical or ""}
            self.identities[key] = f"pg_default_acl/{oid}"

    def _grant(self, properties: dict[str, str], name: str, key: AclKey) -> None:
        acl = self.acls.get(key)
        canonical = acl.canonical() if acl else None
        if canonical is not None:
            properties[name] = canonical

    def _identify_rows(self, table: int | None, by: str) -> None:
        self.objects[self.keys["pg_class"][table or 0]]["replica identity"] = by

    def _tell_of_column(
        self, relation: ObjectKey, number: int, column: str, properties: Mapping[str, str]
    ) -> None:
        """What has columns without being made of them tells what is special about one: a view, an index."""
        whole = self.objects[relation]
        if relation.kind not in _VIEWS:
            whole[f"statistics of {number}"] = properties["statistics"]
            return
        self.order[relation.name].append(column)
        for name, value in properties.items():
            if name not in {"type", "not null", "collation"}:
                whole[f"{name} of {column}"] = value


def _present(names: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _split_state(properties: dict[str, str]) -> None:
    definition = properties["definition"]
    state = _STATE.search(definition) if definition.endswith(_STATES) else None
    if state is None:
        properties["validated"] = "yes"
        return
    properties["definition"] = definition[: state.start()]
    if state["deferrable"]:
        properties["deferrable"] = "initially deferred" if state[2] else "initially immediate"
    properties["validated"] = {None: "yes", " NOT VALID": "no", " NOT ENFORCED": "not enforced"}[state[3]]
