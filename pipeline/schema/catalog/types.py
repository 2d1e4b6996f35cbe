"""Types of the managed schemas (enum, composite, range, base), domains, collations and conversions."""

from typing import Final

from pipeline.schema.catalog.query import Query

TYPES: Final = Query(
    catalog="pg_type",
    letter="T",
    properties=("form", "labels", "range", "base"),
    sql="""
select t.oid, nullif(t.typrelid, 0), 'type',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(t.typowner)), t.typacl::text,
  case t.typtype when 'e' then 'enum' when 'c' then 'composite' when 'r' then 'range' when 'p' then 'shell'
    else 'base' end,
  case when t.typtype = 'e' then (
    select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
    from pg_catalog.pg_enum e where e.enumtypid = t.oid) end,
  case when t.typtype = 'r' then (
    select pg_catalog.concat_ws(', ', 'subtype = ' || pg_catalog.format_type(r.rngsubtype, null),
      'subtype_opclass = ' || pg_catalog.quote_ident(o.opcname),
      'collation = ' || nullif(r.rngcollation, 0)::pg_catalog.regcollation::text,
      'canonical = ' || nullif(r.rngcanonical::text, '-'), 'subtype_diff = ' || nullif(r.rngsubdiff::text, '-'),
      'multirange_type_name = ' || (
        select pg_catalog.quote_ident(m.typname) from pg_catalog.pg_type m
        where m.oid = (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid
          and m.typname <> case when pg_catalog.strpos(t.typname, 'range') > 0
            then pg_catalog.regexp_replace(t.typname, 'range', 'multirange')
            else t.typname || '_multirange' end))
    from pg_catalog.pg_range r join pg_catalog.pg_opclass o on o.oid = r.rngsubopc
    where r.rngtypid = t.oid) end,
  case when t.typtype = 'b' then pg_catalog.concat_ws(', ', 'input = ' || t.typinput::text,
    'output = ' || t.typoutput::text, 'receive = ' || nullif(t.typreceive::text, '-'),
    'send = ' || nullif(t.typsend::text, '-'), 'typmod_in = ' || nullif(t.typmodin::text, '-'),
    'typmod_out = ' || nullif(t.typmodout::text, '-'), 'analyze = ' || nullif(t.typanalyze::text, '-'),
    'internallength = ' || t.typlen, case when t.typbyval then 'passedbyvalue' end,
    'alignment = ' || t.typalign::text, 'storage = ' || t.typstorage::text,
    'category = ' || pg_catalog.quote_literal(t.typcategory::text),
    case when t.typispreferred then 'preferred' end,
    'delimiter = ' || pg_catalog.quote_literal(t.typdelim::text),
    'element = ' || pg_catalog.format_type(nullif(t.typelem, 0), null),
    'subscript = ' || nullif(pg_catalog.to_jsonb(t) ->> 'typsubscript', '-'),
    case when t.typcollation <> 0 then 'collatable' end,
    'default = ' || pg_catalog.quote_literal(t.typdefault)) end
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_class c on c.oid = t.typrelid
where t.typnamespace = any(%(namespaces)s::oid[]) and t.oid <> all(%(members)s::oid[])
  and (t.typtype in ('e', 'r', 'b') or t.typtype = 'p' or t.typtype = 'c' and c.relkind = 'c')
  and not exists (select from pg_catalog.pg_type e where e.oid = t.typelem and e.typarray = t.oid)
""",
)
"""Array, multirange and row types come and go with the type or table they are of; a multirange's name is told
where it is not the usual one. The parent of a composite is the relation that holds its attributes."""

DOMAINS: Final = Query(
    catalog="pg_type",
    letter="T",
    properties=("type", "not null", "default", "collation"),
    sql="""
select t.oid, null::oid, 'domain',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(t.typowner)), t.typacl::text,
  pg_catalog.format_type(t.typbasetype, t.typtypmod), case when t.typnotnull then 'yes' else 'no' end,
  coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), pg_catalog.quote_literal(t.typdefault)),
  case when t.typcollation <> b.typcollation then t.typcollation::pg_catalog.regcollation::text end
from pg_catalog.pg_type t
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
join pg_catalog.pg_type b on b.oid = t.typbasetype
where t.typtype = 'd' and t.typnamespace = any(%(namespaces)s::oid[]) and t.oid <> all(%(members)s::oid[])
""",
)

DOMAIN_CONSTRAINTS: Final = Query(
    catalog="pg_constraint",
    within="pg_type",
    properties=("definition",),
    sql="""
select k.oid, k.contypid, 'domain constraint', pg_catalog.quote_ident(k.conname), null, null,
  pg_catalog.pg_get_constraintdef(k.oid)
from pg_catalog.pg_constraint k
where k.contypid <> 0 and k.contype <> 'n' and k.connamespace = any(%(namespaces)s::oid[])
""",
)
"""NOT NULL is the domain's own property; since 17 it is a constraint as well."""

COLLATIONS: Final = Query(
    catalog="pg_collation",
    properties=("definition",),
    sql="""
select l.oid, null::oid, 'collation',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(l.collname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(l.collowner)), null,
  pg_catalog.concat_ws(', ', 'provider = ' || l.collprovider::text,
    'deterministic = ' || l.collisdeterministic, 'lc_collate = ' || pg_catalog.quote_literal(l.collcollate),
    'lc_ctype = ' || pg_catalog.quote_literal(l.collctype), 'locale = ' || pg_catalog.quote_literal(coalesce(
      pg_catalog.to_jsonb(l) ->> 'colllocale', pg_catalog.to_jsonb(l) ->> 'colliculocale')),
    'rules = ' || pg_catalog.quote_literal(pg_catalog.to_jsonb(l) ->> 'collicurules'))
from pg_catalog.pg_collation l
join pg_catalog.pg_namespace n on n.oid = l.collnamespace
where l.collnamespace = any(%(namespaces)s::oid[]) and l.oid <> all(%(members)s::oid[])
""",
)
"""Which columns hold the locale differs from major to major: hence through json."""

CONVERSIONS: Final = Query(
    catalog="pg_conversion",
    properties=("from", "to", "function", "default"),
    sql="""
select c.oid, null::oid, 'conversion',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.conname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.conowner)), null,
  pg_catalog.pg_encoding_to_char(c.conforencoding), pg_catalog.pg_encoding_to_char(c.contoencoding),
  c.conproc::text, case when c.condefault then 'yes' else 'no' end
from pg_catalog.pg_conversion c
join pg_catalog.pg_namespace n on n.oid = c.connamespace
where c.connamespace = any(%(namespaces)s::oid[]) and c.oid <> all(%(members)s::oid[])
""",
)

OBJECTS: Final = (DOMAINS, DOMAIN_CONSTRAINTS, COLLATIONS, CONVERSIONS)
"""Those that come after the types."""
