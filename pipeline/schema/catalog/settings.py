"""What a database is set to, and what it subscribes to: beside the objects, since a copy may well differ.

A dump of one database carries none of this: its owner, its privileges, its settings and its comment go with
the server it stands on. A subscription comes back disabled, or not at all where the role that dumped is no
superuser, and a rehearsal must never have a working one.
"""

from typing import Final, LiteralString

_SET: Final[LiteralString] = """
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
select 'TimeZone', reset_val from pg_catalog.pg_settings where name = 'TimeZone'
"""

_DATABASE: Final[LiteralString] = """
union all
select v.name, v.value
from pg_catalog.pg_database d cross join lateral (values
  ('encoding', pg_catalog.pg_encoding_to_char(d.encoding)::text),
  ('collate', d.datcollate::text), ('ctype', d.datctype::text),
  ('locale provider', pg_catalog.to_jsonb(d) ->> 'datlocprovider'),
  ('locale', coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale')),
  ('collation version', pg_catalog.to_jsonb(d) ->> 'datcollversion'),
  ('database owner', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.datdba))),
  ('database acl', (
    select pg_catalog.string_agg(line, '; ' order by line collate "C") from (
      select case when e.grantee = 0 then 'PUBLIC'
          else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantee)) end
        || '=' || pg_catalog.string_agg(e.privilege_type || case when e.is_grantable then '*' else '' end, ','
          order by e.privilege_type collate "C")
        || case when e.grantor = d.datdba then ''
          else '/' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(e.grantor)) end
      from pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) e
      where e.grantee <> d.datdba
      group by e.grantee, e.grantor) as g(line))),
  ('database comment', pg_catalog.shobj_description(d.oid, 'pg_database'))) as v(name, value)
where d.datname = pg_catalog.current_database() and v.value is not null
union all
select 'database security label ' || l.provider, l.label
from pg_catalog.pg_shseclabel l
where l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
  and l.objoid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
"""
"""What the owner may do to the own database is not told."""

_SUBSCRIPTION: Final[LiteralString] = """
union all
select 'subscription ' || pg_catalog.quote_ident(s.subname) || ': ' || v.name, v.value
from pg_catalog.pg_subscription s cross join lateral (values
  ('owner', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.subowner))),
  ('enabled', case when s.subenabled then 'yes' else 'no' end),
  ('slot', s.subslotname::text),
  ('publications', (
    select pg_catalog.string_agg(pg_catalog.quote_ident(p), ', ' order by p collate "C")
    from pg_catalog.unnest(s.subpublications) p))$more) as v(name, value)
where v.value is not null
  and s.subdbid = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
"""
"""Never the connection string, which only a superuser may read; a subscription has no privileges."""

_SUBSCRIPTION_14: Final[LiteralString] = """,
  ('comment', pg_catalog.obj_description(s.oid, 'pg_subscription')),
  ('synchronous commit', s.subsynccommit),
  ('binary', case when s.subbinary then 'yes' else 'no' end),
  ('streaming', case s.substream::text when 'p' then 'parallel' when 't' then 'yes' when 'true' then 'yes'
    else 'no' end)"""

_SUBSCRIPTION_15: Final[LiteralString] = """,
  ('two phase', case s.subtwophasestate when 'd' then 'no' else 'yes' end),
  ('disable on error', case when s.subdisableonerr then 'yes' else 'no' end)"""

_SUBSCRIPTION_16: Final[LiteralString] = """,
  ('origin', s.suborigin),
  ('password required', case when s.subpasswordrequired then 'yes' else 'no' end),
  ('run as owner', case when s.subrunasowner then 'yes' else 'no' end)"""

_SUBSCRIPTION_17: Final[LiteralString] = """,
  ('failover', case when s.subfailover then 'yes' else 'no' end)"""

_SINCE: Final[tuple[tuple[int, LiteralString], ...]] = (
    (140000, _SUBSCRIPTION_14),
    (150000, _SUBSCRIPTION_15),
    (160000, _SUBSCRIPTION_16),
    (170000, _SUBSCRIPTION_17),
)


def settings_for(version: int) -> LiteralString:
    """The query for settings by name on a server of ``version`` (150000); a secret-sounding one is digested.

    It reads only those columns of ``pg_subscription`` that every role may read.
    """
    more: LiteralString = ""
    for since, text in _SINCE:
        if since <= version:
            more += text
    return _SET + _DATABASE + _SUBSCRIPTION.replace("$more", more)
