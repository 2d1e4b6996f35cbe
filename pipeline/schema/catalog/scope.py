"""What is in and what is out, and the queries that serve objects of every kind at once."""

from typing import Final, LiteralString

NAMESPACES: Final[LiteralString] = """
select oid from pg_catalog.pg_namespace where nspname = any(%(managed)s::text[])
"""

DATABASE: Final[LiteralString] = """
select oid::text, pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')
from pg_catalog.pg_database where datname = pg_catalog.current_database()
"""

SYSTEM: Final[LiteralString] = """
select system_identifier::text from pg_catalog.pg_control_system()
"""
"""Everybody may ask, unless that was taken away; a server checks it before it runs anything, hence apart."""

BARE: Final[LiteralString] = """
select relname::text from pg_catalog.pg_class
where relname in (
    'pg_default_acl', 'pg_event_trigger', 'pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_foreign_table',
    'pg_inherits', 'pg_policy', 'pg_publication', 'pg_seclabel', 'pg_statistic_ext', 'pg_transform',
    'pg_user_mapping')
  and relnamespace = 'pg_catalog'::pg_catalog.regnamespace and pg_catalog.pg_relation_size(oid) = 0
"""
"""Catalogs in which nothing has ever been: most databases never use most of those that begin empty."""

LEFT_OUT: Final[LiteralString] = """
with ledger as (
  select c.oid
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where (n.nspname, c.relname) in (
    select s, t from rows from (
      pg_catalog.unnest(%(ledger_schemas)s::text[]), pg_catalog.unnest(%(ledger_tables)s::text[])) as l(s, t))
)
select classid::pg_catalog.regclass::text, objid
from pg_catalog.pg_depend
where refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass and deptype = 'e'
union all
select 'pg_class', oid from ledger
union all
select 'pg_class', d.objid
from pg_catalog.pg_depend d
where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid in (select oid from ledger)
  and d.refobjsubid > 0 and d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype in ('a', 'i')
"""
"""Members of extensions, and ledgers with their sequences (their other parts go with the table)."""

COMMENTS: Final[LiteralString] = """
select classoid::pg_catalog.regclass::text, objoid, objsubid, description
from pg_catalog.pg_description
where objoid >= 16384 or (objoid = 2200 and classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass)
"""
"""Comments on all that is not built in (no dump carries one on plpgsql); 2200 is the schema ``public``."""

LABELS: Final[LiteralString] = """
select l.classoid::pg_catalog.regclass::text, l.objoid, pg_catalog.quote_ident(a.attname), l.provider, l.label
from pg_catalog.pg_seclabel l
left join pg_catalog.pg_attribute a on a.attrelid = l.objoid and a.attnum = l.objsubid
  and l.objsubid <> 0 and l.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
"""
"""Security labels; with the column's name where it is one that is labelled."""

_HELD: Final[LiteralString] = """
  select distinct case relkind when 'S' then 's' else 'r' end, relowner, relacl
  from pg_catalog.pg_class where relacl is not null and relnamespace = any(%(namespaces)s::oid[])
  union all
  select distinct 'f', proowner, proacl
  from pg_catalog.pg_proc where proacl is not null and pronamespace = any(%(namespaces)s::oid[])
  union all
  select distinct 'T', typowner, typacl
  from pg_catalog.pg_type where typacl is not null and typnamespace = any(%(namespaces)s::oid[])
  union all
  select 'n', nspowner, nspacl
  from pg_catalog.pg_namespace where nspacl is not null and oid = any(%(namespaces)s::oid[])
  union all
  select 'F', fdwowner, fdwacl from pg_catalog.pg_foreign_data_wrapper where fdwacl is not null
  union all
  select 'S', srvowner, srvacl from pg_catalog.pg_foreign_server where srvacl is not null
  union all
  select 'l', lanowner, lanacl from pg_catalog.pg_language where lanacl is not null
  union all
  select case defaclobjtype when 'S' then 's' else defaclobjtype::text end, defaclrole, defaclacl
  from pg_catalog.pg_default_acl
"""

_COLUMNS_HELD: Final[LiteralString] = """
  select distinct 'c', c.relowner, a.attacl
  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
  where a.attacl is not null and c.relnamespace = any(%(namespaces)s::oid[])
"""

_TAKEN_APART: Final[LiteralString] = """
with held(letter, owner, acl) as ($held)
select h.letter, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(h.owner)), h.acl::text, e.standard,
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantor)),
  case when e.grantee = 0 then 'PUBLIC' else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)) end,
  e.privilege_type, e.is_grantable
from held h cross join lateral (
  select false as standard, x.* from pg_catalog.aclexplode(h.acl) x
  union all
  select true, x.* from pg_catalog.aclexplode(pg_catalog.acldefault(h.letter::"char", h.owner)) x
) e
"""

ACLS: Final[LiteralString] = _TAKEN_APART.replace("$held", _HELD)
"""Each distinct ACL taken apart, beside what its owner's object would have had without one."""

COLUMN_ACLS: Final[LiteralString] = _TAKEN_APART.replace("$held", _COLUMNS_HELD)
"""The same of columns, which seldom have one: it takes a look through all of them."""
