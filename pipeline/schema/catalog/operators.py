"""Operators, how access methods group them into classes and families, and access methods themselves."""

from typing import Final, LiteralString

from pipeline.schema.catalog.query import Query

OPERATORS: Final = Query(
    catalog="pg_operator",
    properties=("function", "result", "commutator", "negator", "restrict", "join", "hashes", "merges"),
    sql="""
select o.oid, null::oid, 'operator',
  pg_catalog.quote_ident(n.nspname) || '.' || o.oprname
    || '(' || coalesce(pg_catalog.format_type(nullif(o.oprleft, 0), null), 'NONE')
    || ', ' || coalesce(pg_catalog.format_type(nullif(o.oprright, 0), null), 'NONE') || ')',
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.oprowner)), null,
  o.oprcode::oid::pg_catalog.regprocedure::text, pg_catalog.format_type(o.oprresult, null),
  nullif(o.oprcom, 0)::pg_catalog.regoperator::text, nullif(o.oprnegate, 0)::pg_catalog.regoperator::text,
  nullif(o.oprrest::oid, 0)::pg_catalog.regproc::text, nullif(o.oprjoin::oid, 0)::pg_catalog.regproc::text,
  case when o.oprcanhash then 'yes' else 'no' end, case when o.oprcanmerge then 'yes' else 'no' end
from pg_catalog.pg_operator o
join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
where o.oprcode::oid <> 0 and o.oprnamespace = any(%(namespaces)s::oid[]) and o.oid <> all(%(members)s::oid[])
""",
)
"""Without those that only another operator's definition speaks of: no dump carries them."""

_MEMBERS: Final[LiteralString] = """
  (select pg_catalog.string_agg(member, ', ' order by member collate "C") from (
    select pg_catalog.concat_ws(' ', 'operator', o.amopstrategy, o.amopopr::pg_catalog.regoperator::text,
      'order by ' || (
        select pg_catalog.quote_ident(sn.nspname) || '.' || pg_catalog.quote_ident(s.opfname)
        from pg_catalog.pg_opfamily s join pg_catalog.pg_namespace sn on sn.oid = s.opfnamespace
        where s.oid = o.amopsortfamily))
    from pg_catalog.pg_depend d join pg_catalog.pg_amop o on o.oid = d.objid and o.amopfamily = $family
    where d.refclassid = $of and d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass
    union all
    select pg_catalog.concat_ws(' ', 'function', p.amprocnum,
      '(' || pg_catalog.format_type(p.amproclefttype, null) || ', '
        || pg_catalog.format_type(p.amprocrighttype, null) || ')',
      p.amproc::oid::pg_catalog.regprocedure::text)
    from pg_catalog.pg_depend d join pg_catalog.pg_amproc p on p.oid = d.objid
    where d.refclassid = $of and d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass
  ) as m(member))"""
"""An operator hangs on the family that it sorts by, too, and is no member of that."""

CLASSES: Final = Query(
    catalog="pg_opclass",
    properties=("type", "family", "default", "storage", "members"),
    sql="""
select c.oid, null::oid, 'operator class',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.opcname)
    || ' USING ' || pg_catalog.quote_ident(m.amname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.opcowner)), null,
  pg_catalog.format_type(c.opcintype, null),
  pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.opfname),
  case when c.opcdefault then 'yes' else 'no' end,
  pg_catalog.format_type(nullif(c.opckeytype, 0), null),
"""
    + _MEMBERS.replace("$of", "'pg_catalog.pg_opclass'::pg_catalog.regclass and d.refobjid = c.oid").replace(
        "$family", "c.opcfamily"
    )
    + """
from pg_catalog.pg_opclass c
join pg_catalog.pg_namespace n on n.oid = c.opcnamespace
join pg_catalog.pg_am m on m.oid = c.opcmethod
join pg_catalog.pg_opfamily f on f.oid = c.opcfamily
join pg_catalog.pg_namespace fn on fn.oid = f.opfnamespace
where c.opcnamespace = any(%(namespaces)s::oid[]) and c.oid <> all(%(members)s::oid[])
""",
)

FAMILIES: Final = Query(
    catalog="pg_opfamily",
    properties=("members",),
    sql="""
select f.oid, null::oid, 'operator family',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(f.opfname)
    || ' USING ' || pg_catalog.quote_ident(m.amname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(f.opfowner)), null,
"""
    + _MEMBERS.replace("$of", "'pg_catalog.pg_opfamily'::pg_catalog.regclass and d.refobjid = f.oid").replace(
        "$family", "f.oid"
    )
    + """
from pg_catalog.pg_opfamily f
join pg_catalog.pg_namespace n on n.oid = f.opfnamespace
join pg_catalog.pg_am m on m.oid = f.opfmethod
where f.opfnamespace = any(%(namespaces)s::oid[]) and f.oid <> all(%(members)s::oid[])
""",
)
"""With the members that belong to none of its classes."""

ACCESS_METHODS: Final = Query(
    catalog="pg_am",
    properties=("type", "handler"),
    sql="""
select a.oid, null::oid, 'access method', pg_catalog.quote_ident(a.amname), null, null,
  case a.amtype when 't' then 'table' else 'index' end, a.amhandler::text
from pg_catalog.pg_am a
where a.oid >= 16384 and a.oid <> all(%(members)s::oid[])
""",
)

OBJECTS: Final = (ACCESS_METHODS, OPERATORS, FAMILIES, CLASSES)
