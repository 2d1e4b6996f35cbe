"""Ask the catalogs, in the order in which the answers can be put together.

What is asked and how rows are laid out stands in ``catalog``; how rows become objects, in ``assembly``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import LiteralString, TypeVar, cast

from psycopg import Cursor
from psycopg.rows import TupleRow

from pipeline.schema import acls
from pipeline.schema.acls import AclRow
from pipeline.schema.assembly import Assembly, ColumnRow, DefaultRow, ForeignRow, ObjectRow
from pipeline.schema.catalog import (
    database,
    operators,
    relations,
    replication,
    routines,
    scope,
    text_search,
    types,
)
from pipeline.schema.catalog.query import Query
from pipeline.schema.catalog.settings import settings_for
from pipeline.schema.labels import LabelRow, add_labels

Row = TypeVar("Row", bound=tuple[object, ...])


@dataclass
class Reader:
    """Asks queries of one server about one scope."""

    cursor: Cursor[TupleRow]
    version: int
    namespaces: str = "{}"
    left_out: Mapping[str, str] = field(default_factory=dict[str, str])
    bare: frozenset[str] = frozenset()
    origin: str = ""
    asked: dict[str, Future[list[TupleRow]]] = field(default_factory=dict[str, Future[list[TupleRow]]])

    def settle(self, managed: Sequence[str], exclude: Collection[tuple[str, str]]) -> None:
        """Learn which oids are in and which are out, and which catalogs need not be asked."""
        self.bare = frozenset(name for (name,) in self.rows(tuple[str], scope.BARE))
        found = self.rows(tuple[int], scope.NAMESPACES, managed=list(managed))
        self.namespaces = oids(oid for (oid,) in found)
        ledgers = sorted(exclude)
        names = {"ledger_schemas": [s for s, _ in ledgers], "ledger_tables": [t for _, t in ledgers]}
        members: defaultdict[str, list[int]] = defaultdict(list)
        for catalog, oid in self.rows(tuple[str, int], scope.LEFT_OUT, **names):
            members[catalog].append(oid)
        self.left_out = {catalog: oids(found) for catalog, found in members.items()}
        self.origin = self._origin()

    def _origin(self) -> str:
        """Which database this is; empty to a role that may not know."""
        [(oid, allowed)] = self.rows(tuple[str, bool], scope.DATABASE)
        if not allowed:
            return ""
        [(system,)] = self.rows(tuple[str], scope.SYSTEM)
        return f"{system}/{oid}"

    def objects(self, query: Query) -> list[ObjectRow]:
        """The rows of an object query; none where it is for other versions."""
        if not query.serves(self.version) or query.catalog in self.bare:
            return []
        members = self.left_out.get(query.catalog, "{}")
        return self.rows(ObjectRow, query.sql, namespaces=self.namespaces, members=members)

    def scoped(self, row: type[Row], query: LiteralString, of: str = "") -> list[Row]:
        """The rows of a query that only wants to know the managed schemas; none of a catalog that is bare."""
        return [] if of in self.bare else self.rows(row, query, namespaces=self.namespaces)

    def hanging(self, row: type[Row], query: LiteralString, known: Iterable[int], of: str = "") -> list[Row]:
        """The rows of a query that begin with a relation; those of ``known`` ones are enough."""
        del known
        return self.scoped(row, query, of)

    def rows(self, row: type[Row], query: LiteralString, **values: object) -> list[Row]:
        """The rows of any query, typed as its author says."""
        del row
        coming = self.asked.pop(query, None)
        answer = coming.result() if coming else self.cursor.execute(query, values).fetchall()
        return cast("list[Row]", answer)


@dataclass
class Asker(Reader):
    """Has the questions asked that the reader will have; waits for no answer, and gets none."""

    asking: Executor = field(kw_only=True)

    @classmethod
    def ahead_of(cls, reader: Reader, asking: Executor) -> "Asker":
        """One that asks what ``reader`` will read."""
        return cls(
            reader.cursor,
            reader.version,
            reader.namespaces,
            reader.left_out,
            reader.bare,
            asked=reader.asked,
            asking=asking,
        )

    def rows(self, row: type[Row], query: LiteralString, **values: object) -> list[Row]:
        """Nothing; the reader that shares ``asked`` gets the rows."""
        del row
        self.asked[query] = self.asking.submit(lambda: self.cursor.execute(query, values).fetchall())
        return []


def read(reader: Reader) -> tuple[Assembly, dict[str, str]]:
    """Ask for everything and put it together: the objects, and the settings."""
    assembly = Assembly(_comments(reader), acls.from_rows(reader.scoped(AclRow, scope.ACLS)))
    for query in routines.OBJECTS:
        assembly.add(query, reader.objects(query))
    assembly.add_types(types.TYPES, reader.objects(types.TYPES))
    for query in (*types.OBJECTS, *operators.OBJECTS, *text_search.OBJECTS):
        assembly.add(query, reader.objects(query))
    _add_relations(assembly, reader)
    for query in (*database.OBJECTS, *replication.OBJECTS):
        assembly.add(query, reader.objects(query))
    assembly.add_default_privileges(reader.scoped(DefaultRow, database.DEFAULT_PRIVILEGES, of="pg_default_acl"))
    add_labels(assembly, reader.scoped(LabelRow, scope.LABELS, of="pg_seclabel"))
    return assembly, dict(reader.rows(tuple[str, str], settings_for(reader.version)))


def _add_relations(assembly: Assembly, reader: Reader) -> None:
    assembly.add(relations.RELATIONS, reader.objects(relations.RELATIONS))
    assembly.add(relations.SEQUENCES, reader.objects(relations.SEQUENCES))
    assembly.add_indexes(relations.INDEXES, reader.objects(relations.INDEXES))
    assembly.add_constraints(relations.CONSTRAINTS, reader.objects(relations.CONSTRAINTS))
    known = assembly.keys["pg_class"]
    columns = reader.hanging(ColumnRow, relations.columns_for(reader.version), known)
    if any(row[3] is not None for row in columns):
        assembly.acls |= acls.from_rows(reader.scoped(AclRow, scope.COLUMN_ACLS))
    assembly.add_columns(relations.COLUMN_PROPERTIES, columns)
    assembly.add_parents(reader.hanging(tuple[int, str], relations.PARENTS, known, of="pg_inherits"))
    servers = reader.hanging(ForeignRow, relations.FOREIGN_TABLES, known, of="pg_foreign_table")
    assembly.add_foreign_tables(servers)
    for query in (relations.TRIGGERS, relations.RULES, relations.POLICIES, relations.STATISTICS):
        assembly.add(query, reader.objects(query))


def _comments(reader: Reader) -> Mapping[str, Mapping[tuple[int, int], str]]:
    comments: defaultdict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    for catalog, oid, number, text in reader.rows(tuple[str, int, int, str], scope.COMMENTS):
        comments[catalog][oid, number] = text
    return comments


def oids(numbers: Iterable[int]) -> str:
    """Object ids as the server reads an array of them."""
    return "{" + ",".join(map(str, numbers)) + "}"
