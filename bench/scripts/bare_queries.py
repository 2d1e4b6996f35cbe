"""``URL``: what a lean program must ask of the catalogs to know what a snapshot knows; answers are thrown away.

The same facts: definitions as the server prints them, expressions, owners, ACLs and comments. Names and flags
come raw: who needs canonical text would have to make it. Kinds that a database may lack are asked about too.
"""

import sys
from typing import Final, LiteralString

import psycopg

from bench.clock import against_the_clock

QUERIES: Final[tuple[LiteralString, ...]] = (
    "select oid, nspname, pg_get_userbyid(nspowner), nspacl::text from pg_namespace where nspname = 'public'",
    """
    select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner),
      c.relacl::text, c.reloptions, o.reloptions, m.amname, s.spcname, c.relrowsecurity, c.relforcerowsecurity,
      c.relreplident, c.relispopulated, p.inhparent::regclass::text,
      case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end,
      case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
      case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    left join pg_am m on m.oid = c.relam left join pg_tablespace s on s.oid = c.reltablespace
    left join pg_class o on o.oid = c.reltoastrelid left join pg_inherits p on p.inhrelid = c.oid
    where n.nspname = 'public' and c.relkind in ('r', 'p', 'f', 'v', 'm')""",
    """
    select a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation, a.attstorage,
      a.attcompression, a.attstattarget, a.attoptions, a.attfdwoptions, a.attislocal, a.attacl::text
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where n.nspname = 'public' and c.relkind in ('r', 'p', 'f', 'v', 'm', 'c') and a.attnum > 0
      and not a.attisdropped
    order by a.attrelid, a.attnum""",
    """
    select i.indexrelid, i.indrelid, c.relname, i.indisvalid, i.indisready, i.indisclustered,
      i.indisreplident, s.spcname, c.reloptions, pg_get_indexdef(i.indexrelid)
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    left join pg_tablespace s on s.oid = c.reltablespace
    where n.nspname = 'public'""",
    """
    select k.oid, k.conrelid, k.contypid, k.conname, k.contype, k.condeferrable, k.condeferred,
      k.convalidated, k.coninhcount, k.conindid,
      case when k.contype <> 'n' then pg_get_constraintdef(k.oid) end
    from pg_constraint k join pg_namespace n on n.oid = k.connamespace where n.nspname = 'public'""",
    """
    select c.oid, c.relname, pg_get_userbyid(c.relowner), c.relacl::text, format_type(s.seqtypid, null),
      s.seqstart, s.seqmin, s.seqmax, s.seqincrement, s.seqcache, s.seqcycle, d.refobjid, d.refobjsubid
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
      and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    where n.nspname = 'public'""",
    """
    select p.oid, p.proname, p.prokind, pg_get_userbyid(p.proowner), p.proacl::text,
      pg_get_function_arguments(p.oid), pg_get_function_result(p.oid),
      case when p.prokind <> 'a' then pg_get_functiondef(p.oid) end
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'""",
    """
    select t.oid, t.tgrelid, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid)
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and n.nspname = 'public'
    union all
    select r.oid, r.ev_class, r.rulename, r.ev_enabled, pg_get_ruledef(r.oid)
    from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
    where r.rulename <> '_RETURN' and n.nspname = 'public'""",
    """
    select t.oid, t.typname, t.typtype, pg_get_userbyid(t.typowner), t.typacl::text,
      format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault, e.enumlabel, e.enumsortorder
    from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_enum e on e.enumtypid = t.oid
    where n.nspname = 'public' and t.typtype in ('e', 'd', 'r', 'b') and t.typelem = 0
    order by t.oid, e.enumsortorder""",
    """
    select p.oid, p.polrelid, p.polname, p.polcmd, p.polpermissive, p.polroles::text,
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    from pg_policy p
    union all
    select s.oid, s.stxrelid, s.stxname, '', true, '', pg_get_statisticsobjdef(s.oid), null
    from pg_statistic_ext s""",
    "select classoid, objoid, objsubid, description from pg_description where objoid >= 16384",
    """
    select 'extension', oid, extname, extversion, null from pg_extension
    union all select 'event trigger', oid, evtname, evtfoid::regproc::text, evtenabled::text
      from pg_event_trigger
    union all select 'publication', oid, pubname, puballtables::text, null from pg_publication
    union all select 'cast', oid, castsource::regtype::text, casttarget::regtype::text, castcontext::text
      from pg_cast where oid >= 16384
    union all select 'server', oid, srvname, srvacl::text, srvoptions::text from pg_foreign_server
    union all select 'language', oid, lanname, lanacl::text, null from pg_language
    union all select 'default acl', oid, defaclobjtype::text, defaclacl::text, null from pg_default_acl
    union all select 'setting', setrole, setdatabase::text, setconfig::text, null from pg_db_role_setting""",
)


def ask() -> None:
    with connection.transaction():
        connection.execute("set local search_path = ''; set local jit = off")
        for query in QUERIES:
            connection.execute(query).fetchall()


with psycopg.connect(sys.argv[1], autocommit=True, prepare_threshold=None) as connection:
    against_the_clock(ask)
