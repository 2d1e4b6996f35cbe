"""Routines and types of the managed schemas, and the schemas themselves."""

from typing import Final, LiteralString

from pipeline.schema.catalog.query import Query

SCHEMAS: Final = Query(
    catalog="pg_namespace",
    letter="n",
    properties=(),
    sql="""
select oid, null::oid, 'schema', pg_catalog.quote_ident(nspname),
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(nspowner)), nspacl::text
from pg_catalog.pg_namespace
where oid = any(%(namespaces)s::oid[]) and oid <> all(%(members)s::oid[])
""",
)

_ROUTINE_PROPERTIES: Final = (
    "arguments",
    "returns",
    "language",
    "window",
    "volatility",
    "strict",
    "security",
    "leakproof",
    "parallel",
    "cost",
    "rows",
    "support",
    "settings",
    "library",
    "body",
)

_ROUTINE: Final[LiteralString] = """
select p.oid, null::oid, case p.prokind when 'p' then 'procedure' else 'function' end,
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname)
    || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')',
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.proowner)), p.proacl::text,
  pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid),
  pg_catalog.quote_ident(l.lanname), case when p.prokind = 'w' then 'yes' end,
  case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
  case when p.proisstrict then 'yes' else 'no' end,
  case when p.prosecdef then 'definer' else 'invoker' end,
  case when p.proleakproof then 'yes' else 'no' end,
  case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end,
  p.procost::text, nullif(p.prorows, 0)::text,
  case when p.prosupport <> 0 then p.prosupport::text end,
  (select pg_catalog.string_agg('SET ' || pg_catalog.quote_ident(name) || ' = '
      || case when name in ('search_path', 'temp_tablespaces', 'local_preload_libraries',
          'session_preload_libraries') then value else pg_catalog.quote_literal(value) end, ' '
      order by name collate "C")
    from pg_catalog.unnest(p.proconfig) s(setting)
    cross join lateral (values (pg_catalog.split_part(s.setting, '=', 1),
      pg_catalog.substr(s.setting, pg_catalog.strpos(s.setting, '=') + 1))) as v(name, value)),
  p.probin, p.prosrc"""

_ROUTINE_FROM: Final[LiteralString] = """
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where p.prokind <> 'a' and p.pronamespace = any(%(namespaces)s::oid[]) and p.oid <> all(%(members)s::oid[])
  and not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'i')
"""
"""Without the constructors that a range type brings along."""

ROUTINES: Final = Query(
    catalog="pg_proc",
    letter="f",
    since=140000,
    properties=(*_ROUTINE_PROPERTIES, "sql body"),
    sql=f"{_ROUTINE}, pg_catalog.pg_get_function_sqlbody(p.oid){_ROUTINE_FROM}",
)

ROUTINES_13: Final = Query(
    catalog="pg_proc",
    letter="f",
    before=140000,
    properties=_ROUTINE_PROPERTIES,
    sql=f"{_ROUTINE}{_ROUTINE_FROM}",
)

AGGREGATES: Final = Query(
    catalog="pg_proc",
    letter="f",
    properties=(
        "arguments",
        "returns",
        "parallel",
        "form",
        "direct arguments",
        "state function",
        "state type",
        "state space",
        "final function",
        "final function's extra arguments",
        "final function modifies",
        "combine function",
        "serial function",
        "deserial function",
        "moving state function",
        "moving inverse function",
        "moving state type",
        "moving state space",
        "moving final function",
        "moving final function's extra arguments",
        "moving final function modifies",
        "sort operator",
        "initial state",
        "moving initial state",
    ),
    sql="""
select p.oid, null::oid, 'aggregate',
  pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname)
    || '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')',
  pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.proowner)), p.proacl::text,
  pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid),
  case p.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end,
  case a.aggkind when 'o' then 'ordered set' when 'h' then 'hypothetical set' else 'normal' end,
  nullif(a.aggnumdirectargs, 0)::text,
  a.aggtransfn::text, pg_catalog.format_type(a.aggtranstype, null), nullif(a.aggtransspace, 0)::text,
  nullif(a.aggfinalfn::oid, 0)::pg_catalog.regproc::text, case when a.aggfinalextra then 'yes' end,
  case a.aggfinalmodify when 'r' then 'no' when 's' then 'shareable' else 'yes' end,
  nullif(a.aggcombinefn::oid, 0)::pg_catalog.regproc::text,
  nullif(a.aggserialfn::oid, 0)::pg_catalog.regproc::text,
  nullif(a.aggdeserialfn::oid, 0)::pg_catalog.regproc::text,
  nullif(a.aggmtransfn::oid, 0)::pg_catalog.regproc::text,
  nullif(a.aggminvtransfn::oid, 0)::pg_catalog.regproc::text,
  pg_catalog.format_type(nullif(a.aggmtranstype, 0), null), nullif(a.aggmtransspace, 0)::text,
  nullif(a.aggmfinalfn::oid, 0)::pg_catalog.regproc::text, case when a.aggmfinalextra then 'yes' end,
  case when a.aggmtranstype <> 0 then
    case a.aggmfinalmodify when 'r' then 'no' when 's' then 'shareable' else 'yes' end end,
  nullif(a.aggsortop, 0)::pg_catalog.regoperator::text, a.agginitval, a.aggminitval
from pg_catalog.pg_aggregate a
join pg_catalog.pg_proc p on p.oid = a.aggfnoid::oid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where p.pronamespace = any(%(namespaces)s::oid[]) and p.oid <> all(%(members)s::oid[])
""",
)

OBJECTS: Final = (SCHEMAS, ROUTINES, ROUTINES_13, AGGREGATES)
