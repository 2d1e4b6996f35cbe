"""Publications: what is offered to subscribers. Subscriptions stand among the settings."""

from typing import Final, LiteralString

from pipeline.schema.catalog.query import Query

_PUBLICATION: Final[LiteralString] = """
select p.oid, null::oid, 'publication', pg_catalog.quote_ident(p.pubname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.pubowner)), null,
  case when p.puballtables then 'yes' else 'no' end,
  pg_catalog.concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
    case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end),
  case when p.pubviaroot then 'yes' else 'no' end,
  case pg_catalog.to_jsonb(p) ->> 'pubgencols' when 's' then 'stored' end,
  (select pg_catalog.string_agg(
      pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) || $part, ', '
      order by n.nspname collate "C", c.relname collate "C")
    from pg_catalog.pg_publication_rel r
    join pg_catalog.pg_class c on c.oid = r.prrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where r.prpubid = p.oid),
  $schemas
from pg_catalog.pg_publication p
"""

_PUBLISHED_PART: Final[LiteralString] = """
      coalesce(' (' || (
        select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attname collate "C")
        from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = any(r.prattrs)) || ')', '')
      || coalesce(' where (' || pg_catalog.pg_get_expr(r.prqual, r.prrelid) || ')', '')"""

_PUBLISHED_SCHEMAS: Final[LiteralString] = """
  (select pg_catalog.string_agg(pg_catalog.quote_ident(n.nspname), ', ' order by n.nspname collate "C")
    from pg_catalog.pg_publication_namespace s join pg_catalog.pg_namespace n on n.oid = s.pnnspid
    where s.pnpubid = p.oid)"""

_PUBLICATION_PROPERTIES: Final = (
    "all tables",
    "publishes",
    "via root",
    "generated columns",
    "tables",
    "schemas",
)

PUBLICATIONS: Final = Query(
    catalog="pg_publication",
    since=150000,
    properties=_PUBLICATION_PROPERTIES,
    sql=_PUBLICATION.replace("$part", _PUBLISHED_PART).replace("$schemas", _PUBLISHED_SCHEMAS),
)

PUBLICATIONS_13: Final = Query(
    catalog="pg_publication",
    before=150000,
    properties=_PUBLICATION_PROPERTIES,
    sql=_PUBLICATION.replace("$part", "''").replace("$schemas", "null"),
)
"""Before parts of tables and whole schemas could be published."""

OBJECTS: Final = (PUBLICATIONS, PUBLICATIONS_13)
