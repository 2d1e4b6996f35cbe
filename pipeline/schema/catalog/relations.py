"""Relations (tables, views, sequences, indexes) and what hangs on them."""

from typing import Final, LiteralString

from pipeline.schema.catalog.options import options_of
from pipeline.schema.catalog.query import Query

RELATIONS: Final = Query(
    catalog="pg_class",
    letter="r",
    properties=(
        "persistence",
        "access method",
        "options",
        "toast options",
        "tablespace",
        "of type",
        "partition key",
        "partition bound",
        "row security",
        "force row security",
        "replica identity",
        "definition",
        "populated",
    ),
    sql="""
select c.oid, null::oid,
  case c.relkind when 'r' then 'table' when 'p' then 'table' when 'f' then 'foreign table' when 'v' then 'view'
    else 'materialized view' end,
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)), c.relacl::text,
  case when c.relkind in ('r', 'p', 'm') then
    case c.relpersistence when 'p' then 'permanent' when 'u' then 'unlogged' else 'temporary' end end,
  pg_catalog.quote_ident(m.amname),
  pg_catalog.array_to_string(c.reloptions, ', '),
  pg_catalog.array_to_string(o.reloptions, ', '),
  pg_catalog.quote_ident(s.spcname),
  case when c.reloftype <> 0 then pg_catalog.format_type(c.reloftype, null) end,
  case when c.relkind = 'p' then pg_catalog.pg_get_partkeydef(c.oid) end,
  case when c.relispartition then pg_catalog.pg_get_expr(c.relpartbound, c.oid) end,
  case when c.relkind in ('r', 'p') then case when c.relrowsecurity then 'yes' else 'no' end end,
  case when c.relkind in ('r', 'p') then case when c.relforcerowsecurity then 'yes' else 'no' end end,
  case when c.relkind in ('r', 'p') then
    case c.relreplident when 'd' then 'default' when 'n' then 'nothing' when 'f' then 'full'
      else 'index' end end,
  case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end,
  case when c.relkind = 'm' then case when c.relispopulated then 'yes' else 'no' end end
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_am m on m.oid = c.relam
left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
left join pg_catalog.pg_class o on o.oid = c.reltoastrelid
where c.relkind in ('r', 'p', 'f', 'v', 'm') and c.relnamespace = any(%(namespaces)s::oid[])
  and c.oid <> all(%(members)s::oid[])
""",
)

SEQUENCES: Final = Query(
    catalog="pg_class",
    letter="s",
    properties=(
        "persistence",
        "type",
        "start",
        "minimum",
        "maximum",
        "increment",
        "cache",
        "cycle",
        "owned by",
    ),
    sql="""
select c.oid, null::oid, 'sequence',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)), c.relacl::text,
  case c.relpersistence when 'u' then 'unlogged' else 'permanent' end,
  pg_catalog.format_type(s.seqtypid, null), s.seqstart::text, s.seqmin::text, s.seqmax::text,
  s.seqincrement::text, s.seqcache::text, case when s.seqcycle then 'yes' else 'no' end,
  (select pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname) || '.'
      || pg_catalog.quote_ident(a.attname)
    from pg_catalog.pg_depend d
    join pg_catalog.pg_class t on t.oid = d.refobjid
    join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.objsubid = 0
      and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i'))
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relnamespace = any(%(namespaces)s::oid[]) and c.oid <> all(%(members)s::oid[])
""",
)

_INDEX_STATE: Final[LiteralString] = """
  case i.indisvalid when true then 'yes' when false then 'no' end,
  case i.indisready when true then 'yes' when false then 'no' end,
  case i.indisclustered when true then 'yes' when false then 'no' end,
  case when i.indisreplident then 'yes' end,
  pg_catalog.quote_ident(s.spcname)"""

INDEXES: Final = Query(
    catalog="pg_class",
    within="pg_class",
    nested=False,
    properties=("valid", "ready", "clustered", "replica identity", "tablespace", "definition"),
    sql="""
select c.oid, i.indrelid, 'index',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), null, null,
  $index_state, pg_catalog.pg_get_indexdef(c.oid)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
where c.relnamespace = any(%(namespaces)s::oid[])
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = i.indexrelid
      and d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and d.deptype = 'i')
""".replace("$index_state", _INDEX_STATE),
)
"""Indexes of their own; one that a constraint keeps is told with the constraint. Which that is, is asked of
``pg_depend``, since no index leads from an index to its constraint."""

CONSTRAINTS: Final = Query(
    catalog="pg_constraint",
    within="pg_class",
    properties=(
        "inherited",
        "index valid",
        "index ready",
        "index clustered",
        "index replica identity",
        "index tablespace",
        "index options",
        "index",
        "definition",
    ),
    sql="""
select k.oid, k.conrelid, 'constraint', pg_catalog.quote_ident(k.conname), null, null,
  case when k.coninhcount > 0 then case when k.conislocal then 'merged' else 'yes' end end,
  $index_state, pg_catalog.array_to_string(c.reloptions, ', '), i.indexrelid::text,
  pg_catalog.pg_get_constraintdef(k.oid)
from pg_catalog.pg_constraint k
left join pg_catalog.pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u', 'x')
left join pg_catalog.pg_class c on c.oid = i.indexrelid
left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
where k.connamespace = any(%(namespaces)s::oid[]) and k.conrelid <> 0 and k.contype not in ('n', 't')
  and (k.contype <> 'f' or k.conparentid = 0)
""".replace("$index_state", _INDEX_STATE),
)
"""NOT NULL (a constraint since 18) is told with its column, a constraint trigger with the triggers; foreign
keys that partitions have from their parent go with the parent's."""

_COLUMNS: Final[LiteralString] = """
select a.attrelid, a.attnum, pg_catalog.quote_ident(a.attname), a.attacl::text,
  pg_catalog.format_type(a.atttypid, a.atttypmod),
  $not_null,
  case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
  case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
  case a.attgenerated when 's' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ' stored'
    when 'v' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ' virtual' end,
  case when a.attcollation <> t.typcollation then a.attcollation::pg_catalog.regcollation::text end,
  case when a.attstorage <> t.typstorage then
    case a.attstorage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main'
      else 'extended' end end,
  case a.attcompression when 'p' then 'pglz' when 'l' then 'lz4' end,
  nullif(a.attstattarget, -1)::text,
  pg_catalog.array_to_string(a.attoptions, ', '),
  case when a.attinhcount > 0 then case when a.attislocal then 'merged' else 'yes' end end,
  pg_catalog.array_to_string(a.attfdwoptions, ', '),
  $not_null_name
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
$constraint
where c.relnamespace = any(%(namespaces)s::oid[]) and a.attnum > 0 and not a.attisdropped
  and (c.relkind in ('r', 'p', 'f', 'c', 'v', 'm') or c.relkind in ('i', 'I') and a.attstattarget >= 0)
order by a.attrelid, a.attnum
"""

_NOT_NULL: Final[LiteralString] = "case when a.attnotnull then 'yes' else 'no' end"

_COLUMNS_14: Final[LiteralString] = (
    _COLUMNS.replace("$not_null_name", "null").replace("$not_null", _NOT_NULL).replace("$constraint", "")
)

_COLUMNS_13: Final[LiteralString] = _COLUMNS_14.replace("a.attcompression", "''")

_COLUMNS_18: Final[LiteralString] = (
    _COLUMNS.replace(
        "$not_null_name",
        """case when k.conname <> c.relname || '_' || a.attname || '_not_null'
    then pg_catalog.quote_ident(k.conname) end""",
    )
    .replace(
        "$not_null",
        _NOT_NULL
        + """ || case when not k.convalidated then ', not valid' else '' end
    || case when k.connoinherit then ', no inherit' else '' end""",
    )
    .replace(
        "$constraint",
        """left join pg_catalog.pg_constraint k on k.conrelid = a.attrelid and k.conkey[1] = a.attnum
  and k.contype = 'n' and k.coninhcount = 0
""",
    )
)
"""Since 18, NOT NULL is a constraint that may have a name of its own, be not validated, or not for children."""

COLUMN_PROPERTIES: Final = (
    "type",
    "not null",
    "default",
    "identity",
    "generated",
    "collation",
    "storage",
    "compression",
    "statistics",
    "options",
    "inherited",
    "fdw options",
    "not null name",
)

COMPRESSION_SINCE = 140000
NOT_NULL_SINCE = 180000


def columns_for(version: int) -> LiteralString:
    """The query for columns that a server of ``version`` understands: they gained compression, then names."""
    if version < COMPRESSION_SINCE:
        return _COLUMNS_13
    return _COLUMNS_14 if version < NOT_NULL_SINCE else _COLUMNS_18


PARENTS: Final[LiteralString] = """
select i.inhrelid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.relname)
from pg_catalog.pg_inherits i
join pg_catalog.pg_class c on c.oid = i.inhrelid
join pg_catalog.pg_class p on p.oid = i.inhparent
join pg_catalog.pg_namespace n on n.oid = p.relnamespace
where c.relnamespace = any(%(namespaces)s::oid[])
order by i.inhrelid, i.inhseqno
"""

TRIGGERS: Final = Query(
    catalog="pg_trigger",
    within="pg_class",
    properties=("enabled", "definition"),
    sql="""
select t.oid, t.tgrelid, 'trigger', pg_catalog.quote_ident(t.tgname), null, null,
  case t.tgenabled when 'O' then 'yes' when 'D' then 'no' when 'R' then 'replica' else 'always' end,
  pg_catalog.pg_get_triggerdef(t.oid)
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
left join pg_catalog.pg_trigger p on p.oid = t.tgparentid
where not t.tgisinternal and c.relnamespace = any(%(namespaces)s::oid[])
  and (p.oid is null or p.tgenabled <> t.tgenabled)
""",
)
"""A partition's copy of its parent's trigger counts only where somebody has switched it."""

RULES: Final = Query(
    catalog="pg_rewrite",
    within="pg_class",
    properties=("enabled", "definition"),
    sql="""
select r.oid, r.ev_class, 'rule', pg_catalog.quote_ident(r.rulename), null, null,
  case r.ev_enabled when 'O' then 'yes' when 'D' then 'no' when 'R' then 'replica' else 'always' end,
  pg_catalog.pg_get_ruledef(r.oid)
from pg_catalog.pg_rewrite r
join pg_catalog.pg_class c on c.oid = r.ev_class
where r.rulename <> '_RETURN' and c.relnamespace = any(%(namespaces)s::oid[])
""",
)

POLICIES: Final = Query(
    catalog="pg_policy",
    within="pg_class",
    properties=("command", "permissive", "roles", "using", "with check"),
    sql="""
select p.oid, p.polrelid, 'policy', pg_catalog.quote_ident(p.polname), null, null,
  case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
    else 'all' end,
  case when p.polpermissive then 'yes' else 'no' end,
  case when p.polroles = '{0}' then 'PUBLIC' else (
    select pg_catalog.string_agg(pg_catalog.quote_ident(rolname), ', ' order by rolname collate "C")
    from pg_catalog.pg_roles where oid = any(p.polroles)) end,
  pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
where c.relnamespace = any(%(namespaces)s::oid[])
""",
)

STATISTICS: Final = Query(
    catalog="pg_statistic_ext",
    within="pg_class",
    nested=False,
    properties=("target", "definition"),
    sql="""
select s.oid, s.stxrelid, 'statistics',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(s.stxname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.stxowner)), null,
  nullif(s.stxstattarget, -1)::text, pg_catalog.pg_get_statisticsobjdef(s.oid)
from pg_catalog.pg_statistic_ext s
join pg_catalog.pg_namespace n on n.oid = s.stxnamespace
where s.stxnamespace = any(%(namespaces)s::oid[])
""",
)

FOREIGN_TABLES: Final[LiteralString] = (
    "select f.ftrelid, pg_catalog.quote_ident(s.srvname), "
    + options_of("f.ftoptions")
    + """
from pg_catalog.pg_foreign_table f
join pg_catalog.pg_foreign_server s on s.oid = f.ftserver
"""
)
