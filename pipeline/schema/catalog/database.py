"""What belongs to no schema: extensions, event triggers, casts, transforms, languages, servers, defaults."""

from typing import Final, LiteralString

from pipeline.schema.catalog.options import options_of
from pipeline.schema.catalog.query import Query

EXTENSIONS: Final = Query(
    catalog="pg_extension",
    properties=("version", "schema"),
    sql="""
select e.oid, null::oid, 'extension', pg_catalog.quote_ident(e.extname), null, null,
  e.extversion, pg_catalog.quote_ident(n.nspname)
from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
""",
)
"""Without its owner: no dump carries that."""

EVENT_TRIGGERS: Final = Query(
    catalog="pg_event_trigger",
    properties=("event", "function", "enabled", "tags"),
    sql="""
select e.oid, null::oid, 'event trigger', pg_catalog.quote_ident(e.evtname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.evtowner)), null,
  e.evtevent, e.evtfoid::pg_catalog.regproc::text,
  case e.evtenabled when 'O' then 'yes' when 'D' then 'no' when 'R' then 'replica' else 'always' end,
  pg_catalog.array_to_string(e.evttags, ', ')
from pg_catalog.pg_event_trigger e
where e.oid <> all(%(members)s::oid[])
""",
)

CASTS: Final = Query(
    catalog="pg_cast",
    properties=("context", "method"),
    sql="""
select c.oid, null::oid, 'cast',
  '(' || pg_catalog.format_type(c.castsource, null)
    || ' AS ' || pg_catalog.format_type(c.casttarget, null) || ')',
  null, null,
  case c.castcontext when 'e' then 'explicit' when 'a' then 'assignment' else 'implicit' end,
  case c.castmethod when 'i' then 'inout' when 'b' then 'binary' else
    c.castfunc::pg_catalog.regprocedure::text end
from pg_catalog.pg_cast c
where c.oid >= 16384 and c.oid <> all(%(members)s::oid[])
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'i')
""",
)
"""Without those that a range type brings along."""

LANGUAGES: Final = Query(
    catalog="pg_language",
    letter="l",
    properties=("trusted", "handler", "inline", "validator"),
    sql="""
select l.oid, null::oid, 'language', pg_catalog.quote_ident(l.lanname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(l.lanowner)), l.lanacl::text,
  case when l.lanpltrusted then 'yes' else 'no' end,
  nullif(l.lanplcallfoid, 0)::pg_catalog.regproc::text, nullif(l.laninline, 0)::pg_catalog.regproc::text,
  nullif(l.lanvalidator, 0)::pg_catalog.regproc::text
from pg_catalog.pg_language l
where l.oid >= 16384 and l.oid <> all(%(members)s::oid[])
""",
)

TRANSFORMS: Final = Query(
    catalog="pg_transform",
    properties=("from sql", "to sql"),
    sql="""
select t.oid, null::oid, 'transform',
  'FOR ' || pg_catalog.format_type(t.trftype, null) || ' LANGUAGE ' || pg_catalog.quote_ident(l.lanname),
  null, null, nullif(t.trffromsql::oid, 0)::pg_catalog.regprocedure::text,
  nullif(t.trftosql::oid, 0)::pg_catalog.regprocedure::text
from pg_catalog.pg_transform t join pg_catalog.pg_language l on l.oid = t.trflang
where t.oid <> all(%(members)s::oid[])
""",
)

WRAPPERS: Final = Query(
    catalog="pg_foreign_data_wrapper",
    letter="F",
    properties=("handler", "validator", "options"),
    sql="""
select f.oid, null::oid, 'foreign-data wrapper', pg_catalog.quote_ident(f.fdwname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(f.fdwowner)), f.fdwacl::text,
  nullif(f.fdwhandler, 0)::pg_catalog.regproc::text, nullif(f.fdwvalidator, 0)::pg_catalog.regproc::text,
"""
    + options_of("f.fdwoptions")
    + """
from pg_catalog.pg_foreign_data_wrapper f
where f.oid <> all(%(members)s::oid[])
""",
)

SERVERS: Final = Query(
    catalog="pg_foreign_server",
    letter="S",
    properties=("wrapper", "type", "version", "options"),
    sql="""
select s.oid, null::oid, 'server', pg_catalog.quote_ident(s.srvname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.srvowner)), s.srvacl::text,
  pg_catalog.quote_ident(f.fdwname), s.srvtype, s.srvversion,
"""
    + options_of("s.srvoptions")
    + """
from pg_catalog.pg_foreign_server s
join pg_catalog.pg_foreign_data_wrapper f on f.oid = s.srvfdw
where s.oid <> all(%(members)s::oid[])
""",
)

USER_MAPPINGS: Final = Query(
    catalog="pg_user_mapping",
    properties=(),
    sql="""
select m.umid, null::oid, 'user mapping',
  case when m.umuser = 0 then 'PUBLIC' else pg_catalog.quote_ident(m.usename) end
    || ' on ' || pg_catalog.quote_ident(m.srvname), null, null
from pg_catalog.pg_user_mappings m
""",
)
"""Only that there is one: its options are secrets, and who may see them differs."""

DEFAULT_PRIVILEGES: Final[LiteralString] = """
select d.oid, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.defaclrole)),
  pg_catalog.quote_ident(n.nspname),
  case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
    when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end,
  case d.defaclobjtype when 'S' then 's' else d.defaclobjtype::text end, d.defaclacl::text
from pg_catalog.pg_default_acl d
left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace
where d.defaclnamespace = 0 or d.defaclnamespace = any(%(namespaces)s::oid[])
"""

OBJECTS: Final = (
    EXTENSIONS,
    EVENT_TRIGGERS,
    CASTS,
    LANGUAGES,
    TRANSFORMS,
    WRAPPERS,
    SERVERS,
    USER_MAPPINGS,
)
