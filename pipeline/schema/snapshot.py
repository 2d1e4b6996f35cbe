"""Take a snapshot: a fixed handful of catalog queries become one value.

What is asked and how rows are laid out stands in ``catalog``; how rows become objects, in ``assembly``. Here
is only the order of the questions, which a thread of its own asks: while we put one answer together, the server
is at work on the next.
"""

import gc
from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import LiteralString, TypeVar, cast

from psycopg import Cursor
from psycopg.rows import TupleRow

from pipeline.postgres.connect import Connection
from pipeline.postgres.pinned import pinned
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
from pipeline.schema.model import Snapshot

Row = TypeVar("Row", bound=tuple[object, ...])


def take(
    connection: Connection, managed: Sequence[str], *, exclude_tables: Collection[tuple[str, str]] = ()
) -> Snapshot:
    """The shape of the ``managed`` schemas and of what belongs to the whole database.

    ``exclude_tables`` (schema, name) are left out with everything that hangs on them, as are members of
    extensions. It is taken in one read-only transaction, or in the one that is open; the answer does not
    depend on settings or privileges of the session.
    """
    with pinned(connection) as cursor, _without_collections():
        reader = _Reader(cursor, connection.info.server_version)
        reader.settle(managed, exclude_tables)
        with _asking() as asking:
            _assemble(_Asker.ahead_of(reader, asking))
            return _assemble(reader)


@contextmanager
def _without_collections() -> Generator[None]:
    """A snapshot in the making holds no cycles, and each full collection would look through all of it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass
class _Reader:
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
        self.namespaces = _oids(oid for (oid,) in found)
        ledgers = sorted(exclude)
        names = {"ledger_schemas": [s for s, _ in ledgers], "ledger_tables": [t for _, t in ledgers]}
        members: defaultdict[str, list[int]] = defaultdict(list)
        for catalog, oid in self.rows(tuple[str, int], scope.LEFT_OUT, **names):
            members[catalog].append(oid)
        self.left_out = {catalog: _oids(oids) for catalog, oids in members.items()}
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

    def rows(self, row: type[Row], query: LiteralString, **values: object) -> list[Row]:
        """The rows of any query, typed as its author says."""
        del row
        coming = self.asked.pop(query, None)
        answer = coming.result() if coming else self.cursor.execute(query, values).fetchall()
        return cast("list[Row]", answer)


@contextmanager
def _asking() -> Generator[Executor]:
    """A thread that asks one question after the other, and no more of them once the block is left."""
    asking = ThreadPoolExecutor(1, "snapshot")
    try:
        yield asking
    finally:
        asking.shutdown(cancel_futures=True)


@dataclass
class _Asker(_Reader):
    """Has the questions asked that the reader will have; waits for no answer, and gets none."""

    asking: Executor = field(kw_only=True)

    @classmethod
    def ahead_of(cls, reader: _Reader, asking: Executor) -> "_Asker":
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


def _assemble(reader: _Reader) -> Snapshot:
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
    settings = dict(reader.rows(tuple[str, str], settings_for(reader.version)))
    return assembly.snapshot(settings, reader.origin)


def _add_relations(assembly: Assembly, reader: _Reader) -> None:
    assembly.add(relations.RELATIONS, reader.objects(relations.RELATIONS))
    assembly.add(relations.SEQUENCES, reader.objects(relations.SEQUENCES))
    assembly.add_indexes(relations.INDEXES, reader.objects(relations.INDEXES))
    assembly.add_constraints(relations.CONSTRAINTS, reader.objects(relations.CONSTRAINTS))
    columns = reader.scoped(ColumnRow, relations.columns_for(reader.version))
    if any(row[3] is not None for row in columns):
        assembly.acls |= acls.from_rows(reader.scoped(AclRow, scope.COLUMN_ACLS))
    assembly.add_columns(relations.COLUMN_PROPERTIES, columns)
    assembly.add_parents(reader.scoped(tuple[int, str], relations.PARENTS, of="pg_inherits"))
    assembly.add_foreign_tables(reader.scoped(ForeignRow, relations.FOREIGN_TABLES, of="pg_foreign_table"))
    for query in (relations.TRIGGERS, relations.RULES, relations.POLICIES, relations.STATISTICS):
        assembly.add(query, reader.objects(query))


def _comments(reader: _Reader) -> Mapping[str, Mapping[tuple[int, int], str]]:
    comments: defaultdict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    for catalog, oid, number, text in reader.rows(tuple[str, int, int, str], scope.COMMENTS):
        comments[catalog][oid, number] = text
    return comments


def _oids(oids: Iterable[int]) -> str:
    return "{" + ",".join(map(str, oids)) + "}"
