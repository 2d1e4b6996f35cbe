"""Find indexes that the planner does not use, because their build was interrupted."""

from collections.abc import Sequence
from typing import LiteralString

from pipeline.postgres.connect import Session

INVALID: LiteralString = """
select n.nspname || '.' || c.relname
  from pg_catalog.pg_index as i
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
 where n.nspname = any (%s) and not (i.indisvalid and i.indisready and i.indislive)
   and not exists (select from pg_catalog.pg_class as t where t.oid = i.indrelid and t.relkind = 'p')
 order by 1
"""


def invalid_indexes(session: Session, schemas: Sequence[str]) -> frozenset[str]:
    """The names of INVALID indexes in the managed schemas."""
    return frozenset(str(name) for (name,) in session.connection.execute(INVALID, [list(schemas)]))
