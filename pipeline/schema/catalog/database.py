"""What belongs to no schema: extensions, publications, event triggers, casts, servers, defaults, settings."""

from typing import Final, LiteralString

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

# Options may hold a password: of a name that sounds like one, only a digest is told.
_OPTIONS: Final[LiteralString] = """
  (select pg_catalog.string_agg(case when o.option_name ~* '(pass|secret|token|key)'
      then o.option_name || '=(hidden) ' || pg_catalog.left(
        pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(o.option_value, 'UTF8')), 'hex'), 12)
      else o.option_name || '=' || o.option_value end, ', ' order by o.option_name collate "C")
    from pg_catalog.pg_options_to_table($options) o)"""

WRAPPERS: Final = Query(
    catalog="pg_foreign_data_wrapper",
    letter="F",
    properties=("handler", "validator", "options"),
    sql="""
select f.oid, null::oid, 'foreign-data wrapper', pg_catalog.quote_ident(f.fdwname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(f.fdwowner)), f.fdwacl::text,
  nullif(f.fdwhandler, 0)::pg_catalog.regproc::text, nullif(f.fdwvalidator, 0)::pg_catalog.regproc::text,
"""
    + _OPTIONS.replace("$options", "f.fdwoptions")
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
    + _OPTIONS.replace("$options", "s.srvoptions")
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

SETTINGS: Final[LiteralString] = """
select case when s.setrole = 0 then case when s.setdatabase = 0 then 'all roles' else 'database' end
    else 'role ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.setrole))
      || case when s.setdatabase = 0 then '' else ' in database' end end
  || ': ' || pg_catalog.split_part(c, '=', 1),
  case when pg_catalog.split_part(c, '=', 1) ~* '(pass|secret|token|key)'
    then '(hidden) ' || pg_catalog.left(
      pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(c, 'UTF8')), 'hex'), 12)
    else pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1) end
from pg_catalog.pg_db_role_setting s cross join pg_catalog.unnest(s.setconfig) c
where s.setdatabase = 0
  or s.setdatabase = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
union all
select v.name, v.value
from pg_catalog.pg_database d cross join lateral (values
  ('encoding', pg_catalog.pg_encoding_to_char(d.encoding)::text),
  ('collate', d.datcollate::text), ('ctype', d.datctype::text),
  ('locale provider', pg_catalog.to_jsonb(d) ->> 'datlocprovider'),
  ('locale', coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale')),
  ('collation version', pg_catalog.to_jsonb(d) ->> 'datcollversion')) as v(name, value)
where d.datname = pg_catalog.current_database() and v.value is not null
union all
select 'TimeZone', reset_val from pg_catalog.pg_settings where name = 'TimeZone'
"""
"""Settings a session of this database starts with; a secret-sounding one as a digest only."""

OBJECTS: Final = (
    EXTENSIONS,
    EVENT_TRIGGERS,
    PUBLICATIONS,
    PUBLICATIONS_13,
    CASTS,
    LANGUAGES,
    WRAPPERS,
    SERVERS,
    USER_MAPPINGS,
)
