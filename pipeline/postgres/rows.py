"""What the tables hold, as a count and a digest each, so that two databases can be compared row by row.

A digest does not depend on the order of rows or columns, on the server's major version, or on how the session
prints values: columns are taken by name, and the settings that print them are pinned.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString, cast

from psycopg import Cursor, sql
from psycopg.rows import TupleRow

from pipeline.errors import Unavailable
from pipeline.postgres.connect import Connection
from pipeline.postgres.pinned import pinned

LARGE_OBJECTS: Final = "large objects"
"""The name under which large objects are counted, since no table of ours holds them."""

_BATCH = 50

_TableRow = tuple[str, str, str, str, list[str], bool, bool, bool]

_TABLES: Final[LiteralString] = """
select n.nspname::text, c.relname::text,
  pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname),
  array(
    select a.attname::text from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    order by a.attname::text collate "C"),
  pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
  pg_catalog.has_table_privilege(c.oid, 'SELECT'),
  pg_catalog.row_security_active(c.oid)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname = any(%s::text[])
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname::text collate "C", c.relname::text collate "C"
"""

_COUNTED: Final[LiteralString] = """
select {name}::text, pg_catalog.count(*),
  pg_catalog.sum(pg_catalog.hashtextextended(row({columns})::text collate "C", 0))::text
from only {table} t"""

_LARGE_OBJECTS: Final[LiteralString] = """
select pg_catalog.count(*), pg_catalog.bool_and(
  pg_catalog.pg_has_role(m.lomowner, 'USAGE') or r.rolsuper or exists (
    select from pg_catalog.aclexplode(m.lomacl) a
    where a.privilege_type = 'SELECT' and (a.grantee = 0 or pg_catalog.pg_has_role(a.grantee, 'USAGE'))))
from pg_catalog.pg_largeobject_metadata m
join pg_catalog.pg_roles r on r.rolname = current_user
"""

_LARGE_OBJECTS_READ: Final[LiteralString] = """
select pg_catalog.sum(pg_catalog.hashtextextended(
  m.oid::text || ' ' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.lo_get(m.oid)), 'hex')
    collate "C", 0))::text
from pg_catalog.pg_largeobject_metadata m
"""


@dataclass(frozen=True)
class TableRows:
    """How many rows a table holds, and a digest of all of them that knows no order."""

    count: int
    digest: str


@dataclass(frozen=True)
class Table:
    """A table that holds rows itself: an ordinary one or a leaf partition.

    ``shown`` is the qualified name as SQL writes it; ``missing`` says what to run so that we may read it.
    """

    schema: str
    name: str
    shown: str
    columns: tuple[str, ...]
    missing: tuple[str, ...] = ()
    hides_rows: bool = False


def tables(
    connection: Connection, managed: Sequence[str], *, exclude_tables: Collection[tuple[str, str]] = ()
) -> tuple[Table, ...]:
    """The tables of the ``managed`` schemas that hold rows, by name; not an extension's, not excluded ones."""
    with pinned(connection) as cursor:
        return tuple(_tables(cursor, managed, exclude_tables))


def read_rows(
    connection: Connection, managed: Sequence[str], *, exclude_tables: Collection[tuple[str, str]] = ()
) -> Mapping[str, TableRows]:
    """Count and digest of every table by its qualified name, seen at one instant.

    Large objects count as one more table where there are some and the role may read them all. In an open
    transaction, that transaction's snapshot is used. Raises Unavailable, naming the tables and what to grant,
    when the role may not read one of them or sees only a part of its rows.
    """
    with pinned(connection) as cursor:
        found = tuple(_tables(cursor, managed, exclude_tables))
        _demand_all(cursor, found)
        batches = (found[start : start + _BATCH] for start in range(0, len(found), _BATCH))
        rows = {name: counted for batch in batches for name, counted in _read(cursor, batch)}
        return {**rows, **_large_objects(cursor)}


def compare(before: Mapping[str, TableRows], after: Mapping[str, TableRows]) -> tuple[str, ...]:
    """What differs between two readings, in words: ``public.orders: 3 rows fewer``; empty when nothing does."""
    names = sorted(before.keys() | after.keys())
    return tuple(
        f"{name}: {difference}"
        for name in names
        if (difference := _difference(before.get(name), after.get(name))) is not None
    )


def _difference(before: TableRows | None, after: TableRows | None) -> str | None:
    match before, after:
        case TableRows(), None:
            return f"gone with {_rows(before.count)}"
        case None, TableRows():
            return f"new with {_rows(after.count)}"
        case TableRows(), TableRows() if before.count != after.count:
            difference = after.count - before.count
            return f"{_rows(abs(difference))} {'more' if difference > 0 else 'fewer'}"
        case TableRows(), TableRows() if before.digest != after.digest:
            return f"{_rows(after.count)}, contents changed"
        case _:
            return None


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _tables(
    cursor: Cursor[TupleRow], managed: Sequence[str], exclude: Collection[tuple[str, str]]
) -> Iterator[Table]:
    cursor.execute(_TABLES, [list(managed)], prepare=True)
    rows = cast("list[_TableRow]", cursor.fetchall())
    for schema, name, schema_shown, name_shown, columns, enters, reads, hides in rows:
        if (schema, name) not in exclude:
            shown = f"{schema_shown}.{name_shown}"
            missing = [] if enters else [f"GRANT USAGE ON SCHEMA {schema_shown}"]
            missing += [] if reads else [f"GRANT SELECT ON {shown}"]
            yield Table(schema, name, shown, tuple(columns), tuple(missing), hides and reads)


def _demand_all(cursor: Cursor[TupleRow], found: Collection[Table]) -> None:
    closed = [table for table in found if table.missing]
    partial = [table for table in found if table.hides_rows]
    if not closed and not partial:
        return
    role = cast("tuple[str]", cursor.execute("select pg_catalog.quote_ident(current_user)").fetchone())[0]
    if closed:
        grants = dict.fromkeys(grant for table in closed for grant in table.missing)
        raise Unavailable(
            f"cannot read {', '.join(table.shown for table in closed)}",
            why=f"role {role} lacks the privilege, so their rows cannot be compared",
            todo="; ".join(f"{grant} TO {role}" for grant in grants),
        )
    raise Unavailable(
        f"cannot read all rows of {', '.join(table.shown for table in partial)}",
        why=f"row level security hides rows from role {role}",
        todo=f"ALTER ROLE {role} BYPASSRLS, or connect as the owner of the table",
    )


def _read(cursor: Cursor[TupleRow], batch: Collection[Table]) -> Iterator[tuple[str, TableRows]]:
    """One query for a batch: a round trip per table costs more than most tables do.

    Rolling back to before it lets go of its locks: those on thousands of tables and their indexes would not
    fit into the server's lock table.
    """
    with cursor.connection.transaction(force_rollback=True):
        cursor.execute(sql.SQL(" union all ").join(map(_counted, batch)))
        found = cast("list[tuple[str, int, str | None]]", cursor.fetchall())
    for name, count, total in found:
        yield name, TableRows(count, total or "0")


def _counted(table: Table) -> sql.Composed:
    return sql.SQL(_COUNTED).format(
        name=sql.Literal(table.shown),
        columns=sql.SQL(", ").join(sql.Identifier("t", column) for column in table.columns),
        table=sql.Identifier(table.schema, table.name),
    )


def _large_objects(cursor: Cursor[TupleRow]) -> Mapping[str, TableRows]:
    count, readable = cast("tuple[int, bool | None]", cursor.execute(_LARGE_OBJECTS, prepare=True).fetchone())
    if not readable:
        return {}
    (total,) = cast("tuple[str]", cursor.execute(_LARGE_OBJECTS_READ).fetchone())
    return {LARGE_OBJECTS: TableRows(count, total)}
