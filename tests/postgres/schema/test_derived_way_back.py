"""The derived way back of a repeatable, run on a server, ends exactly where it began."""

import pytest

from pipeline.postgres.connect import Connection
from pipeline.schema.derive import way_back_of
from pipeline.schema.diff import diff
from pipeline.schema.snapshot import take
from tests.postgres.schema.mutations.mutation import LABELLED

BASE = """
create table t (id int primary key, a text, n numeric);
create view v as select id, a from t;
comment on view v is 'seen'; comment on column v.a is 'part'; grant select on v to public;
create function f(a int) returns int language sql immutable as 'select a';
comment on function f(int) is 'same'; revoke execute on function f(int) from public;
create function tf() returns trigger language plpgsql as $$begin return new; -- 'x' $body$
end$$;
create trigger tr before update on t for each row execute function tf();
alter table t disable trigger tr; comment on trigger tr on t is 'off';
create materialized view m as select id from t; create unique index m_id on m (id);
create rule r as on delete to t do instead nothing;
create policy mine on t as restrictive for update to public using (id > 0) with check (id > 1);
create procedure pr(inout a int) language plpgsql security definer set search_path = a, "b c" as 'begin end';
create function g() returns int language sql return 1;
"""

CHANGES = {
    "nothing": "",
    "new view": "create view w as select * from v",
    "new view on a new function": """
create function h() returns int language sql as 'select 1'; create view w as select h() as one""",
    "new function on a new view": """
create view w as select 1 as one; create function h() returns setof w language sql as 'select 1'""",
    "new views, each on the next": """
create view z as select 1 as one; create view a as select * from z; create view y as select * from a""",
    "view replaced": "create or replace view v as select id, a from t where id > 1",
    "view replaced by one with more columns": "create or replace view v as select id, a, n from t",
    "view that now needs a new function": """
create function h() returns int language sql as 'select 1';
create or replace view v as select id, a from t where id > h()""",
    "view dropped and made otherwise": "drop view v; create view v as select n, id from t",
    "view dropped": "drop view v",
    "view turned into a materialized one": "drop view v; create materialized view v as select id, a from t",
    "view with options": "create or replace view v with (security_barrier) as select id, a from t",
    "view with other privileges and comments": """
grant insert, update on v to public; grant select on v to pg_monitor with grant option;
revoke select on v from public; comment on view v is null; comment on column v.id is 'key'""",
    "function replaced": """
create or replace function f(a int) returns int language sql strict cost 7 as 'select 2'""",
    "function with other result": """
drop function f(int); create function f(a int) returns bigint language sql as 'select 2'""",
    "function overloaded": "create function f(a text) returns int language sql as 'select 2'",
    "function with default": """
create or replace function f(a int default 1) returns int language sql as 'select 2'""",
    "trigger function replaced": """
create or replace function tf() returns trigger language plpgsql as 'begin return old; end'""",
    "trigger dropped": "drop trigger tr on t",
    "trigger enabled": "alter table t enable always trigger tr",
    "trigger added with its function": """
create function nf() returns trigger language plpgsql as 'begin return new; end';
create trigger nt before insert on t for each row execute function nf()""",
    "materialized view made otherwise": """
drop materialized view m; create materialized view m as select id, a from t with no data""",
    "index on a materialized view": "create index m_i on m (id)",
    "rule and policy made otherwise": """
drop rule r on t; create rule r as on delete to t do also nothing;
drop policy mine on t; create policy mine on t for select using (n > 0); create policy two on t""",
    "procedure and function with SQL body": """
create or replace procedure pr(inout a int) language plpgsql as 'begin a := 1; end';
create or replace function g() returns int language sql return 2""",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_a_repeatable_did_is_undone(transaction: Connection, change: str) -> None:
    transaction.execute(BASE)
    before = take(transaction, ["public"])
    transaction.execute(change)  # pyright: ignore[reportArgumentType,reportCallIssue]
    statements = way_back_of(before, take(transaction, ["public"]))
    assert statements is not None
    assert bool(statements) is bool(change)
    for statement in statements:
        transaction.execute(statement)  # pyright: ignore[reportArgumentType,reportCallIssue]
    assert diff(before, take(transaction, ["public"])) == ()


@pytest.mark.parametrize(
    "change",
    [
        "create table u ()",
        "alter table t add b int",
        "create index t_a on t (a)",
        "create sequence s",
        "create type e as enum ('x')",
        "create view w as select 1; create table u ()",
        "create table u (v v)",
        "create operator === (leftarg = int, rightarg = int, function = int4eq)",
        "create text search configuration c (parser = default)",
        "create aggregate total(int) (sfunc = int4pl, stype = int)",
        LABELLED.format("v", "regclass", "pg_class", 0),
    ],
)
def test_what_may_hold_data_or_is_not_known_has_no_derived_way_back(
    transaction: Connection, change: str
) -> None:
    transaction.execute(BASE)
    before = take(transaction, ["public"])
    transaction.execute(change)  # pyright: ignore[reportArgumentType,reportCallIssue]
    assert way_back_of(before, take(transaction, ["public"])) is None


def test_a_view_that_others_need_is_not_taken_from_under_them(transaction: Connection) -> None:
    transaction.execute("create table t (id int, a text); create view v as select id from t")
    transaction.execute("create view upon as select * from v")
    before = take(transaction, ["public"])
    transaction.execute("create or replace view v as select id, a from t")
    assert way_back_of(before, take(transaction, ["public"])) is None
