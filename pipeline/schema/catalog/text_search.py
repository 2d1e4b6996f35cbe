"""Text search of the managed schemas: parsers, templates, dictionaries, configurations."""

from typing import Final

from pipeline.schema.catalog.query import Query

PARSERS: Final = Query(
    catalog="pg_ts_parser",
    properties=("start", "token", "end", "headline", "token types"),
    sql="""
select p.oid, null::oid, 'text search parser',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.prsname), null, null,
  p.prsstart::text, p.prstoken::text, p.prsend::text,
  nullif(p.prsheadline::oid, 0)::pg_catalog.regproc::text, p.prslextype::text
from pg_catalog.pg_ts_parser p
join pg_catalog.pg_namespace n on n.oid = p.prsnamespace
where p.prsnamespace = any(%(namespaces)s::oid[]) and p.oid <> all(%(members)s::oid[])
""",
)

TEMPLATES: Final = Query(
    catalog="pg_ts_template",
    properties=("init", "lexize"),
    sql="""
select t.oid, null::oid, 'text search template',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.tmplname), null, null,
  nullif(t.tmplinit::oid, 0)::pg_catalog.regproc::text, t.tmpllexize::text
from pg_catalog.pg_ts_template t
join pg_catalog.pg_namespace n on n.oid = t.tmplnamespace
where t.tmplnamespace = any(%(namespaces)s::oid[]) and t.oid <> all(%(members)s::oid[])
""",
)

DICTIONARIES: Final = Query(
    catalog="pg_ts_dict",
    properties=("template", "options"),
    sql="""
select d.oid, null::oid, 'text search dictionary',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(d.dictname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.dictowner)), null,
  pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.tmplname), d.dictinitoption
from pg_catalog.pg_ts_dict d
join pg_catalog.pg_namespace n on n.oid = d.dictnamespace
join pg_catalog.pg_ts_template t on t.oid = d.dicttemplate
join pg_catalog.pg_namespace tn on tn.oid = t.tmplnamespace
where d.dictnamespace = any(%(namespaces)s::oid[]) and d.oid <> all(%(members)s::oid[])
""",
)

CONFIGURATIONS: Final = Query(
    catalog="pg_ts_config",
    properties=("parser", "mappings"),
    sql="""
select c.oid, null::oid, 'text search configuration',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.cfgname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.cfgowner)), null,
  pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.prsname),
  (select pg_catalog.string_agg(t.alias || ': ' || m.dictionaries, '; ' order by t.alias collate "C")
    from (
      select maptokentype,
        pg_catalog.string_agg(mapdict::pg_catalog.regdictionary::text, ', ' order by mapseqno)
      from pg_catalog.pg_ts_config_map where mapcfg = c.oid group by maptokentype) as m(token, dictionaries)
    join pg_catalog.ts_token_type(c.cfgparser) t on t.tokid = m.token)
from pg_catalog.pg_ts_config c
join pg_catalog.pg_namespace n on n.oid = c.cfgnamespace
join pg_catalog.pg_ts_parser p on p.oid = c.cfgparser
join pg_catalog.pg_namespace pn on pn.oid = p.prsnamespace
where c.cfgnamespace = any(%(namespaces)s::oid[]) and c.oid <> all(%(members)s::oid[])
""",
)
"""A mapping is ``word: one, other``: the dictionaries that a kind of token is looked up in, in order."""

OBJECTS: Final = (PARSERS, TEMPLATES, DICTIONARIES, CONFIGURATIONS)
