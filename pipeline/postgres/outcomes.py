"""What became of a statement that cannot run in a transaction: read from the catalog, never guessed."""

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import LiteralString, NamedTuple

from psycopg import sql

from pipeline.postgres.connect import Session
from pipeline.sql.statements import Detach, IndexBuild, IndexDrop, Outcome, Reindex

Leftover = tuple[str, str]
"""An index by schema and name."""

INDEX: LiteralString = """
select n.nspname, i.indisvalid and i.indisready and i.indislive
  from pg_catalog.pg_index as i
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where c.relname = %s and n.nspname = any (%s)
 order by pg_catalog.array_position(%s::name[], n.nspname)
 limit 1
"""
TABLE_SCHEMA: LiteralString = """
select n.nspname
  from pg_catalog.pg_class as c
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where c.relname = %s and n.nspname = any (%s) and c.relkind in ('r', 'p', 'm')
 order by pg_catalog.array_position(%s::name[], n.nspname)
 limit 1
"""
REINDEXED: LiteralString = """
with reindexed as (
  select coalesce(i.indrelid, c.oid) as oid
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    left join pg_catalog.pg_index as i on i.indexrelid = c.oid
   where c.relname = %s and n.nspname = any (%s)
   order by pg_catalog.array_position(%s::name[], n.nspname)
   limit 1)
select n.nspname, c.relname, not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
  from pg_catalog.pg_index as i
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  join pg_catalog.pg_class as t on t.oid = (select oid from reindexed)
 where i.indrelid in (t.oid, t.reltoastrelid)
"""
"""The indexes of a table, or of the table of an index, and whether a broken REINDEX CONCURRENTLY has left them.

It builds ``…_ccnew`` beside each index, and renames the old one ``…_ccold``.
"""
DETACHING: LiteralString = """
select pn.nspname, p.relname, n.nspname, c.relname,
       coalesce((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::boolean, false)
  from pg_catalog.pg_inherits as i
  join pg_catalog.pg_class as p on p.oid = i.inhparent
  join pg_catalog.pg_namespace as pn on pn.oid = p.relnamespace
  join pg_catalog.pg_class as c on c.oid = i.inhrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where p.relname = %s and pn.nspname = any (%s) and c.relname = %s and n.nspname = any (%s)
 order by pg_catalog.array_position(%s::name[], pn.nspname), pg_catalog.array_position(%s::name[], n.nspname)
 limit 1
"""
"""A partition of a parent, and whether its detachment has begun and not ended."""
LONGEST_NAME = 63


class Progress(Enum):
    """How far a non-transactional statement has come."""

    NOT_BEGUN = auto()
    HALF = auto()
    DONE = auto()


def progress(session: Session, outcome: Outcome, path: Sequence[str]) -> Progress:
    """Read from the catalog how far ``outcome`` has come; ``path`` is the script's search_path.

    A statement that may simply be run again has never begun.
    """
    match outcome:
        case IndexBuild():
            found = _find_index(session, outcome.index, _home_of(session, outcome, path))
            if found is None:
                return Progress.NOT_BEGUN
            return Progress.DONE if found[1] else Progress.HALF
        case IndexDrop():
            found = _find_index(session, outcome.index, [outcome.schema] if outcome.schema else path)
            if found is None:
                return Progress.DONE
            return Progress.NOT_BEGUN if found[1] else Progress.HALF
        case Detach():
            return _detached(_attached(session, outcome, path))
        case _:
            return Progress.NOT_BEGUN


def finish_detaching(session: Session, outcome: Detach, path: Sequence[str]) -> None:
    """Bring to its end a detachment that was cut off."""
    attached = _attached(session, outcome, path)
    if attached is not None and attached.pending:
        text = sql.SQL("alter table {} detach partition {} finalize")
        names = (sql.Identifier(*attached.parent), sql.Identifier(*attached.partition))
        session.connection.execute(text.format(*names))


def clear_half_built(session: Session, outcome: IndexBuild, path: Sequence[str]) -> None:
    """Drop the INVALID index that an interrupted build of ours has left."""
    found = _find_index(session, outcome.index, _home_of(session, outcome, path))
    if found is not None and not found[1]:
        drop_concurrently(session, [(found[0], outcome.index)])


def leftovers(session: Session, outcome: Outcome, path: Sequence[str]) -> frozenset[Leftover]:
    """The INVALID indexes that an interrupted REINDEX has left on its table: schema and name."""
    if not isinstance(outcome, Reindex):
        return frozenset()
    return frozenset(index for index, left in _reindexed(session, outcome, path) if left)


def in_the_making(session: Session, outcome: Outcome | None, path: Sequence[str]) -> Sequence[str]:
    """The names of indexes and partitions that may be there, or be gone, while the statement is at work."""
    match outcome:
        case IndexBuild() | IndexDrop():
            return [outcome.index]
        case Reindex():
            names = [name.encode() for (_, name), _ in _reindexed(session, outcome, path)]
            made = [name[: LONGEST_NAME - len(end)] + end for name in names for end in (b"_ccnew", b"_ccold")]
            return [name.decode(errors="ignore") for name in made]
        case Detach():
            return [outcome.partition]
        case _:
            return []


class _Attached(NamedTuple):
    """A partition and its parent, by schema and name; ``pending``: its detachment has begun and not ended."""

    parent: tuple[str, str]
    partition: tuple[str, str]
    pending: bool


def _attached(session: Session, outcome: Detach, path: Sequence[str]) -> _Attached | None:
    parents = [outcome.parent_schema] if outcome.parent_schema else list(path)
    schemas = [outcome.schema] if outcome.schema else list(path)
    values = [outcome.parent, parents, outcome.partition, schemas, parents, schemas]
    row = session.connection.execute(DETACHING, values).fetchone()
    return _Attached((str(row[0]), str(row[1])), (str(row[2]), str(row[3])), bool(row[4])) if row else None


def _detached(attached: _Attached | None) -> Progress:
    if attached is None:
        return Progress.DONE
    return Progress.HALF if attached.pending else Progress.NOT_BEGUN


def _reindexed(session: Session, outcome: Reindex, path: Sequence[str]) -> list[tuple[Leftover, bool]]:
    schemas = [outcome.schema] if outcome.schema else list(path)
    found = session.connection.execute(REINDEXED, [outcome.name, schemas, schemas])
    return [((str(schema), str(name)), bool(left)) for schema, name, left in found]


def drop_concurrently(session: Session, indexes: Iterable[Leftover]) -> None:
    """Drop indexes while others use their table."""
    for index in sorted(indexes):
        session.connection.execute(sql.SQL("drop index concurrently {}").format(sql.Identifier(*index)))


def _home_of(session: Session, build: IndexBuild, path: Sequence[str]) -> Sequence[str]:
    """An index lives in the schema of its table."""
    if build.table_schema:
        return [build.table_schema]
    row = session.connection.execute(TABLE_SCHEMA, [build.table, list(path), list(path)]).fetchone()
    return [str(row[0])] if row else path


def _find_index(session: Session, name: str, schemas: Sequence[str]) -> tuple[str, bool] | None:
    row = session.connection.execute(INDEX, [name, list(schemas), list(schemas)]).fetchone()
    return (str(row[0]), bool(row[1])) if row else None
