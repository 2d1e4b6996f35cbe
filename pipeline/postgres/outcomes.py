"""What became of a statement that cannot run in a transaction: read from the catalog, never guessed."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import LiteralString

from psycopg import sql

from pipeline.postgres.connect import Session
from pipeline.sql.statements import IndexBuild, IndexDrop, Outcome

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
        case _:
            return Progress.NOT_BEGUN


def clear_half_built(session: Session, outcome: IndexBuild, path: Sequence[str]) -> None:
    """Drop the INVALID index that an interrupted build of ours has left."""
    found = _find_index(session, outcome.index, _home_of(session, outcome, path))
    if found is not None and not found[1]:
        session.connection.execute(
            sql.SQL("drop index concurrently {}").format(sql.Identifier(found[0], outcome.index))
        )


def _home_of(session: Session, build: IndexBuild, path: Sequence[str]) -> Sequence[str]:
    """An index lives in the schema of its table."""
    if build.table_schema:
        return [build.table_schema]
    row = session.connection.execute(TABLE_SCHEMA, [build.table, list(path), list(path)]).fetchone()
    return [str(row[0])] if row else path


def _find_index(session: Session, name: str, schemas: Sequence[str]) -> tuple[str, bool] | None:
    row = session.connection.execute(INDEX, [name, list(schemas), list(schemas)]).fetchone()
    return (str(row[0]), bool(row[1])) if row else None
