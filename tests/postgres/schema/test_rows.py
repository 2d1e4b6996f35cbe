"""Rows are counted and digested alike wherever they lie and however the session prints them."""

import pytest

from pipeline.errors import Unavailable
from pipeline.postgres.connect import Connection
from pipeline.postgres.rows import LARGE_OBJECTS, TableRows, compare, read_rows, tables
from pipeline.postgres.target import Target
from tests.conftest import lack
from tests.postgres.schema.conftest import connect
from tests.support import servers as support
from tests.support.servers import WANTED_MAJORS, Servers

EVERY_TYPE = """
create type mood as enum ('sad', 'glad');
create table every (
  a timestamptz, b interval, c float8, d bytea, e money, f jsonb, g text[], h mood, i regclass, j date, k text,
  l int generated always as (1 + 1) stored);
insert into every values
  ('2020-02-29 12:00+00', '1 year -2 days', 0.1 + 0.2, '\\x00ff', 12.5, '{"b": 1, "a": null}',
   '{a,NULL,"b c"}', 'glad', 'every', '2020-02-01', ''),
  (null, null, 'nan', null, null, null, null, null, null, 'infinity', null);
"""

STRANGE_SESSION = """
set search_path = public; set TimeZone = 'Asia/Tokyo'; set DateStyle = 'German'; set IntervalStyle = 'iso_8601';
set bytea_output = 'escape'; set extra_float_digits = -10; set lc_monetary = 'C.UTF-8';
"""


def test_settings_of_the_session_do_not_show(connection: Connection) -> None:
    connection.execute(EVERY_TYPE)
    plain = read_rows(connection, ["public"])
    connection.execute(STRANGE_SESSION)
    assert read_rows(connection, ["public"]) == plain


def test_the_majors_digest_alike(request: pytest.FixtureRequest, servers: Servers) -> None:
    for reason in support.missing_majors().values():
        lack(request.config, reason)
    found: list[TableRows] = []
    for major in WANTED_MAJORS:
        server = servers.get(major)
        name = support.create_database(server)
        with connect(server.target(name)) as connection:
            connection.execute(EVERY_TYPE)
            found.append(read_rows(connection, ["public"])["public.every"])
        support.drop_database(server, name)
    assert found[0] == found[1]
    assert found[0].count == 2


def test_neither_order_of_rows_nor_of_columns_matters(connection: Connection) -> None:
    connection.execute("""
    create table t (id int, a text); insert into t values (1, 'x'), (2, 'y'), (2, 'y');
    create schema other; create table other.t (a text, gone int, id int); alter table other.t drop gone;
    insert into other.t values ('y', 2), ('x', 1), ('y', 2)""")
    rows = read_rows(connection, ["public", "other"])
    assert rows["public.t"] == rows["other.t"]
    assert rows["public.t"].count == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("delete from t where id = 2", "public.t: 1 row fewer"),
        ("insert into t values (3, 'z'), (4, 'z')", "public.t: 2 rows more"),
        ("update t set a = 'Y' where id = 2", "public.t: 2 rows, contents changed"),
        ("update t set a = null where id = 1", "public.t: 2 rows, contents changed"),
        ("update t set a = case a when 'y' then '' else 'y' end", "public.t: 2 rows, contents changed"),
        ("alter table t add b int", "public.t: 2 rows, contents changed"),
        ("drop table t", "public.t: gone with 2 rows"),
        ("create table u as select 1", "public.u: new with 1 row"),
    ],
)
def test_what_happened_to_the_rows_is_told(connection: Connection, change: str, words: str) -> None:
    connection.execute("create table t (id int, a text); insert into t values (1, ''), (2, 'y')")
    before = read_rows(connection, ["public"])
    connection.execute(change)  # pyright: ignore[reportArgumentType,reportCallIssue]
    assert compare(before, read_rows(connection, ["public"])) == (words,)


def test_only_what_holds_rows_itself_is_read(connection: Connection) -> None:
    connection.execute("""
    create table p (i int) partition by list (i); create table p1 partition of p for values in (1);
    create table parent (i int); create table child () inherits (parent); create view v as select 1;
    create table member (); alter extension plpgsql add table member;
    create temporary table passing (i int); create table ledger (i int); create table "odd "" name" ();
    insert into p values (1); insert into child values (1), (2)""")
    rows = read_rows(connection, ["public"], exclude_tables=[("public", "ledger")])
    counts = {name: table.count for name, table in rows.items()}
    assert counts == {"public.p1": 1, "public.parent": 0, "public.child": 2, 'public."odd "" name"': 0}


def test_more_tables_than_one_query_takes_are_all_read(connection: Connection) -> None:
    creations = "".join(f"create table t{number} as select {number} as n;" for number in range(120))
    connection.execute(creations)  # pyright: ignore[reportArgumentType,reportCallIssue]
    rows = read_rows(connection, ["public"])
    assert (
        len(rows)
        == len({table.digest for table in rows.values()})
        == len(tables(connection, ["public"]))
        == 120
    )


def test_a_database_without_tables_has_no_rows(connection: Connection) -> None:
    assert read_rows(connection, ["public"]) == {}


def test_a_table_that_may_not_be_read_is_named_with_the_grant(connection: Connection, owner: Target) -> None:
    connection.execute("create schema closed; create table closed.t (); create table u ()")
    connection.execute("create table open (); grant select on open to public")
    with connect(owner) as poor, pytest.raises(Unavailable) as raised:
        read_rows(poor, ["public", "closed"])
    role = owner.resolve()["user"]
    assert raised.value.what == "cannot read closed.t, public.u"
    assert raised.value.todo == (
        f"GRANT USAGE ON SCHEMA closed TO {role}; GRANT SELECT ON closed.t TO {role};"
        f" GRANT SELECT ON public.u TO {role}"
    )


def test_a_table_of_which_a_policy_hides_rows_is_not_read_in_part(
    connection: Connection, owner: Target
) -> None:
    connection.execute(
        "create table t (); alter table t enable row level security; grant select on t to public"
    )
    assert read_rows(connection, ["public"])["public.t"].count == 0
    with connect(owner) as poor, pytest.raises(Unavailable, match=r"cannot read all rows of public\.t"):
        read_rows(poor, ["public"])


def test_large_objects_count_as_one_more_table(connection: Connection) -> None:
    connection.execute("select lo_from_bytea(4711, 'abc'), lo_from_bytea(4712, 'def')")
    before = read_rows(connection, ["public"])
    assert before[LARGE_OBJECTS].count == 2
    connection.execute("select lo_put(4712, 0, 'x')")
    assert compare(before, read_rows(connection, ["public"])) == ("large objects: 2 rows, contents changed",)


def test_large_objects_of_somebody_else_are_left_out(connection: Connection, owner: Target) -> None:
    connection.execute("select lo_from_bytea(4711, 'abc')")
    with connect(owner) as poor:
        assert read_rows(poor, ["public"]) == {}
        connection.execute("grant select on large object 4711 to public")
        assert read_rows(poor, ["public"])[LARGE_OBJECTS].count == 1


def test_an_open_transactions_own_snapshot_is_used(connection: Connection, database: Target) -> None:
    connection.execute("create table t (i int)")
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read")
        before = read_rows(connection, ["public"])
        with connect(database) as other:
            other.execute("insert into t values (1)")
        assert read_rows(connection, ["public"]) == before
    assert read_rows(connection, ["public"])["public.t"].count == 1
