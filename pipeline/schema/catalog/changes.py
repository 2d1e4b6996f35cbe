"""What has been written to the catalogs since a moment: the queries behind looking again at that alone.

A row tells by ``xmin`` which transaction wrote it, also after a freeze. ``age`` makes these numbers comparable;
rows that are no older than the oldest transaction of that moment may be new. Rows that are gone tell nothing:
they are missed in a list.
"""

from typing import Final, LiteralString

MOMENT: Final[LiteralString] = """
select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text,
  (select pg_catalog.string_agg(oid || ' ' || rolname, ',' order by oid) from pg_catalog.pg_roles),
  (select pg_catalog.string_agg(oid || ' ' || spcname, ',' order by oid) from pg_catalog.pg_tablespace)
"""
"""The oldest transaction that may still write, and names that texts about many objects hold."""

AGE: Final[LiteralString] = "select pg_catalog.age(%(since)s::xid)"

ELSEWHERE: Final[LiteralString] = """
select exists (select from pg_catalog.pg_namespace where pg_catalog.age(xmin) <= %(age)s
    and nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_class x join pg_catalog.pg_namespace n on n.oid = x.relnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_type x join pg_catalog.pg_namespace n on n.oid = x.typnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_proc x join pg_catalog.pg_namespace n on n.oid = x.pronamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_operator x join pg_catalog.pg_namespace n on n.oid = x.oprnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_collation x join pg_catalog.pg_namespace n on n.oid = x.collnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_opclass x join pg_catalog.pg_namespace n on n.oid = x.opcnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_opfamily x join pg_catalog.pg_namespace n on n.oid = x.opfnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_ts_config x join pg_catalog.pg_namespace n on n.oid = x.cfgnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
  or exists (select from pg_catalog.pg_ts_dict x join pg_catalog.pg_namespace n on n.oid = x.dictnamespace
    where pg_catalog.age(x.xmin) <= %(age)s and n.oid <> all(%(namespaces)s::oid[])
      and n.nspname !~ '^pg_(toast|temp_)')
"""
"""Whether anything was written about a schema, or about what stands in one that is not managed."""

CHANGED: Final[LiteralString] = """
with written(oid) as (
  select oid from pg_catalog.pg_class where pg_catalog.age(xmin) <= %(age)s
  union all select attrelid from pg_catalog.pg_attribute where pg_catalog.age(xmin) <= %(age)s
  union all select adrelid from pg_catalog.pg_attrdef where pg_catalog.age(xmin) <= %(age)s
  union all select indrelid from pg_catalog.pg_index where pg_catalog.age(xmin) <= %(age)s
  union all select conrelid from pg_catalog.pg_constraint where pg_catalog.age(xmin) <= %(age)s
  union all select tgrelid from pg_catalog.pg_trigger where pg_catalog.age(xmin) <= %(age)s
  union all select ev_class from pg_catalog.pg_rewrite where pg_catalog.age(xmin) <= %(age)s
  union all select polrelid from pg_catalog.pg_policy where pg_catalog.age(xmin) <= %(age)s
  union all select inhrelid from pg_catalog.pg_inherits where pg_catalog.age(xmin) <= %(age)s
  union all select stxrelid from pg_catalog.pg_statistic_ext where pg_catalog.age(xmin) <= %(age)s
  union all select seqrelid from pg_catalog.pg_sequence where pg_catalog.age(xmin) <= %(age)s
  union all select ftrelid from pg_catalog.pg_foreign_table where pg_catalog.age(xmin) <= %(age)s
  union all select partrelid from pg_catalog.pg_partitioned_table where pg_catalog.age(xmin) <= %(age)s)
select distinct coalesce(i.indrelid, o.oid, w.oid)
from written w
left join pg_catalog.pg_index i on i.indexrelid = w.oid
left join pg_catalog.pg_class o on o.reltoastrelid = w.oid
where w.oid <> 0
"""
"""The relations about which something was written; of indexes and TOAST tables, the table."""

THERE: Final[LiteralString] = """
select 'pg_class', pg_catalog.string_agg(oid::text, ' ') from pg_catalog.pg_class
where relnamespace = any(%(namespaces)s::oid[])
union all select 'pg_constraint', pg_catalog.string_agg(oid::text, ' ') from pg_catalog.pg_constraint
where connamespace = any(%(namespaces)s::oid[])
union all select 'pg_trigger', pg_catalog.string_agg(oid::text, ' ') from pg_catalog.pg_trigger
where not tgisinternal
union all select 'pg_rewrite', pg_catalog.string_agg(oid::text, ' ') from pg_catalog.pg_rewrite
where rulename <> '_RETURN'
union all select 'pg_policy', pg_catalog.string_agg(oid::text, ' ') from pg_catalog.pg_policy
union all select 'pg_statistic_ext', pg_catalog.string_agg(oid::text, ' ') from pg_catalog.pg_statistic_ext
"""
"""What is there, and more: what was known and is not in these lists is gone."""

FOLLOWING: Final[LiteralString] = """
with own(oid) as (
  select pg_catalog.unnest(%(only)s::oid[])
  union select indexrelid from pg_catalog.pg_index where indrelid = any(%(only)s::oid[])),
row_types(oid) as (
  select reltype from pg_catalog.pg_class where oid = any(%(only)s::oid[]) and reltype <> 0
  union select t.typarray from pg_catalog.pg_class c join pg_catalog.pg_type t on t.oid = c.reltype
  where c.oid = any(%(only)s::oid[]) and t.typarray <> 0),
dependent(classid, objid) as (
  select d.classid, d.objid from own join pg_catalog.pg_depend d
    on d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = own.oid
  union
  select d.classid, d.objid from row_types t join pg_catalog.pg_depend d
    on d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass and d.refobjid = t.oid)
select distinct coalesce(
  case d.classid
    when 'pg_catalog.pg_class'::pg_catalog.regclass then coalesce(
      (select indrelid from pg_catalog.pg_index where indexrelid = d.objid), d.objid)
    when 'pg_catalog.pg_rewrite'::pg_catalog.regclass then (
      select ev_class from pg_catalog.pg_rewrite where oid = d.objid)
    when 'pg_catalog.pg_constraint'::pg_catalog.regclass then (
      select conrelid from pg_catalog.pg_constraint where oid = d.objid)
    when 'pg_catalog.pg_trigger'::pg_catalog.regclass then (
      select tgrelid from pg_catalog.pg_trigger where oid = d.objid)
    when 'pg_catalog.pg_policy'::pg_catalog.regclass then (
      select polrelid from pg_catalog.pg_policy where oid = d.objid)
    when 'pg_catalog.pg_attrdef'::pg_catalog.regclass then (
      select adrelid from pg_catalog.pg_attrdef where oid = d.objid)
    when 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass then (
      select stxrelid from pg_catalog.pg_statistic_ext where oid = d.objid)
  end, 0)
from dependent d
"""
"""The relations whose texts name others: a view says the columns of its tables, a key the table it is for."""
