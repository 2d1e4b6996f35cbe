"""Views, routines, and what fires or filters."""

from tests.postgres.schema.mutations.mutation import COMMENTED, LABELLED, Mutation, added, anew

FUNCTION = "create function f(a int) returns int language sql as 'select 1';"
TRIGGER = """
create function tf() returns trigger language plpgsql as 'begin return new; end';
create trigger tr before update on t for each row execute function tf();
"""
VIEW = "create view v as select id, a from t;"
MATVIEW = "create materialized view m as select id, a from t;"
POLICY = "create policy mine on t for select to app using (id > 0);"
STATISTICS = "create statistics st on a, n from t;"
PROCEDURE = "create procedure pr() language sql as '';"
CHECKED_NOT = "set local check_function_bodies = off;"

VIEWS = [
    added("view", "public.v", VIEW),
    Mutation(
        "view", "public.v", "definition", "create or replace view v as select id, a from t where id > 1", VIEW
    ),
    Mutation("view", "public.v", "options", "alter view v set (security_barrier)", VIEW),
    Mutation("view", "public.v", "owner", "alter view v owner to app", VIEW),
    Mutation("view", "public.v", "acl", "grant select on v to app", VIEW),
    Mutation("view", "public.v", "comment", COMMENTED.format("view v"), VIEW),
    Mutation("view", "public.v", "comment of a", COMMENTED.format("column v.a"), VIEW),
    Mutation("view", "public.v", "default of a", "alter view v alter a set default 'x'", VIEW),
    Mutation("view", "public.v", "acl of a", "grant select (a) on v to app", VIEW),
    added("materialized view", "public.m", MATVIEW),
    Mutation(
        "materialized view",
        "public.m",
        "populated",
        "refresh materialized view m with no data",
        MATVIEW,
        dumped=False,
    ),
    Mutation(
        "materialized view", "public.m", "options", "alter materialized view m set (fillfactor = 70)", MATVIEW
    ),
    Mutation(
        "materialized view",
        "public.m",
        "statistics of a",
        "alter materialized view m alter a set statistics 7",
        MATVIEW,
    ),
    added("index", "public.m_a", "create index m_a on m (a)", MATVIEW),
    Mutation(
        "view",
        "public.v",
        "security label mac of a",
        LABELLED.format("v", "regclass", "pg_class", 2),
        VIEW,
    ),
    Mutation("view", "public.v", "security label mac", LABELLED.format("v", "regclass", "pg_class", 0), VIEW),
    Mutation("view", "public.v", "options", "alter view v set (security_invoker)", VIEW, 15),
    Mutation("view", "public.v", "options", "alter view v set (check_option = local)", VIEW),
    *(
        Mutation("materialized view", "public.m", what, change, MATVIEW, since)
        for what, change, since in (
            ("owner", "alter materialized view m owner to app", 13),
            ("acl", "grant select on m to app", 13),
            ("comment", COMMENTED.format("materialized view m"), 13),
            ("comment of a", COMMENTED.format("column m.a"), 13),
            ("storage of a", "alter materialized view m alter a set storage external", 13),
            ("options of a", "alter materialized view m alter a set (n_distinct = 5)", 13),
            ("compression of a", "alter materialized view m alter a set compression pglz", 14),
            ("tablespace", "alter materialized view m set tablespace elsewhere", 15),
            (
                "definition",
                "drop materialized view m; create materialized view m as select id, a from t where id > 1",
                13,
            ),
        )
    ),
    Mutation(
        "materialized view",
        "public.m",
        "access method",
        "alter materialized view m set access method heap2",
        MATVIEW + "create access method heap2 type table handler heap_tableam_handler;",
        15,
    ),
]

ROUTINES = [
    added("function", "public.f(integer)", FUNCTION),
    added("procedure", "public.pr()", "create procedure pr() language sql as ''"),
    added(
        "function", "public.f(text)", "create function f(text) returns int language sql as 'select 2'", FUNCTION
    ),
    Mutation(
        "function",
        "public.f(integer)",
        "body",
        "create or replace function f(a int) returns int language sql as 'select 2'",
        FUNCTION,
    ),
    Mutation(
        "function",
        "public.f(integer)",
        "arguments",
        "create or replace function f(a int default 1) returns int language sql as 'select 1'",
        FUNCTION,
    ),
    Mutation(
        "function",
        "public.f(integer)",
        "returns",
        """
drop function f(int); create function f(a int) returns bigint language sql as 'select 1'""",
        FUNCTION,
    ),
    Mutation("function", "public.f(integer)", "volatility", "alter function f(int) immutable", FUNCTION),
    Mutation("function", "public.f(integer)", "strict", "alter function f(int) strict", FUNCTION),
    Mutation("function", "public.f(integer)", "security", "alter function f(int) security definer", FUNCTION),
    Mutation("function", "public.f(integer)", "leakproof", "alter function f(int) leakproof", FUNCTION),
    Mutation("function", "public.f(integer)", "parallel", "alter function f(int) parallel safe", FUNCTION),
    Mutation("function", "public.f(integer)", "cost", "alter function f(int) cost 7", FUNCTION),
    Mutation(
        "function",
        "public.r()",
        "rows",
        "alter function r() rows 7",
        "create function r() returns setof int language sql as 'select 1';",
    ),
    Mutation(
        "function", "public.f(integer)", "settings", "alter function f(int) set work_mem = '1MB'", FUNCTION
    ),
    Mutation(
        "function",
        "public.f(integer)",
        "settings",
        "alter function f(int) set search_path = app, public",
        FUNCTION,
    ),
    Mutation("function", "public.f(integer)", "owner", "alter function f(int) owner to app", FUNCTION),
    Mutation("function", "public.f(integer)", "acl", "revoke execute on function f(int) from public", FUNCTION),
    Mutation("function", "public.f(integer)", "comment", COMMENTED.format("function f(int)"), FUNCTION),
    Mutation(
        "function",
        "public.b()",
        "sql body",
        "create or replace function b() returns int return 2",
        "create function b() returns int return 1;",
        14,
    ),
    *(
        Mutation("procedure", "public.pr()", what, change, PROCEDURE)
        for what, change in {
            "owner": "alter procedure pr() owner to app",
            "acl": "revoke execute on procedure pr() from public",
            "comment": COMMENTED.format("procedure pr()"),
            "security": "alter procedure pr() security definer",
            "settings": "alter procedure pr() set work_mem = '1MB'",
            "body": "create or replace procedure pr() language sql as 'select 1'",
        }.items()
    ),
    anew(
        "procedure",
        "public.pr(integer)",
        "arguments",
        "drop procedure pr(int)",
        "create procedure pr(a int) language sql as ''",
        "create procedure pr(a int default 1) language sql as ''",
    ),
    anew(
        "procedure",
        "public.pr()",
        "language",
        "drop procedure pr()",
        "create procedure pr() language plpgsql as 'begin end'",
        f"{CHECKED_NOT} create procedure pr() language sql as 'begin end'",
    ),
    anew(
        "function",
        "public.f(integer)",
        "language",
        "drop function f(int)",
        "create function f(a int) returns int language plpgsql as 'begin end'",
        f"{CHECKED_NOT} create function f(a int) returns int language sql as 'begin end'",
    ),
    anew(
        "function",
        "public.w()",
        "window",
        "drop function w()",
        "create function w() returns bigint language internal as 'window_row_number'",
        "create function w() returns bigint language internal window as 'window_row_number'",
    ),
    anew(
        "function",
        "public.h()",
        "library",
        "drop function h()",
        "create function h() returns language_handler language c as 'plpgsql', 'plpgsql_call_handler'",
        "create function h() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler'",
    ),
    Mutation(
        "function",
        "public.f(integer)",
        "support",
        "alter function f(int) support generate_series_int4_support",
        FUNCTION,
    ),
    Mutation(
        "function",
        "public.f(integer)",
        "security label mac",
        LABELLED.format("f(int)", "regprocedure", "pg_proc", 0),
        FUNCTION,
    ),
]

TRIGGERS = [
    added("trigger", "public.t.tr", "drop trigger tr on t", TRIGGER),
    Mutation("trigger", "public.t.tr", "enabled", "alter table t disable trigger tr", TRIGGER),
    Mutation("trigger", "public.t.tr", "enabled", "alter table t enable always trigger tr", TRIGGER),
    Mutation("trigger", "public.t.tr", "comment", COMMENTED.format("trigger tr on t"), TRIGGER),
    Mutation(
        "trigger",
        "public.t.tr",
        "definition",
        """
drop trigger tr on t; create trigger tr after update on t for each row execute function tf()""",
        TRIGGER,
    ),
    added("rule", "public.t.r", "create rule r as on delete to t do instead nothing"),
    Mutation(
        "rule",
        "public.t.r",
        "enabled",
        "alter table t disable rule r",
        "create rule r as on delete to t do instead nothing;",
    ),
    Mutation(
        "rule",
        "public.t.r",
        "comment",
        COMMENTED.format("rule r on t"),
        "create rule r as on delete to t do instead nothing;",
    ),
    added("policy", "public.t.mine", POLICY),
    Mutation("policy", "public.t.mine", "using", "alter policy mine on t using (id > 1)", POLICY),
    Mutation("policy", "public.t.mine", "roles", "alter policy mine on t to app, other", POLICY),
    Mutation("policy", "public.t.mine", "comment", COMMENTED.format("policy mine on t"), POLICY),
    Mutation(
        "policy",
        'public.t."all"',
        "with check",
        'alter policy "all" on t with check (id > 1)',
        'create policy "all" on t with check (id > 0);',
    ),
    Mutation(
        "policy",
        "public.t.mine",
        "command",
        """
drop policy mine on t; create policy mine on t for delete to app using (id > 0)""",
        POLICY,
    ),
    Mutation(
        "policy",
        "public.t.mine",
        "permissive",
        """
drop policy mine on t; create policy mine on t as restrictive for select to app using (id > 0)""",
        POLICY,
    ),
    added("statistics", "public.st", STATISTICS),
    Mutation("statistics", "public.st", "target", "alter statistics st set statistics 7", STATISTICS),
    Mutation("statistics", "public.st", "comment", COMMENTED.format("statistics st"), STATISTICS),
    Mutation(
        "statistics",
        "public.st",
        "definition",
        """
drop statistics st; create statistics st (ndistinct) on a, n from t""",
        STATISTICS,
    ),
    Mutation("statistics", "public.st", "owner", "alter statistics st owner to app", STATISTICS),
    anew(
        "statistics",
        "public.st",
        "definition",
        "drop statistics st",
        STATISTICS[:-1],
        "create statistics st on (upper(a)), n from t",
        14,
    ),
    anew(
        "rule",
        "public.t.r",
        "definition",
        "drop rule r on t",
        "create rule r as on delete to t do instead nothing",
        "create rule r as on delete to t do also nothing",
    ),
]
