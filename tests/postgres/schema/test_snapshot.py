"""A snapshot says the same whoever takes it and however their session is set, and leaves no trace."""

import psycopg
import pytest

from pipeline.postgres.connect import Connection
from pipeline.postgres.target import Target
from pipeline.schema.catalog import database as database_wide
from pipeline.schema.catalog import relations, replication, routines
from pipeline.schema.catalog.settings import settings_for
from pipeline.schema.digest import fingerprint
from pipeline.schema.model import ObjectKey
from pipeline.schema.snapshot import take
from tests.postgres.schema.conftest import connect
from tests.postgres.schema.mutations.settings import SUBSCRIPTION
from tests.postgres.schema.shop import SHOP
from tests.support.servers import TestServer, create_database, drop_database

STRANGE_SESSION = """
set search_path = shop, public; set TimeZone = 'Asia/Tokyo'; set DateStyle = 'German';
set IntervalStyle = 'iso_8601'; set bytea_output = 'escape'; set extra_float_digits = -5;
set quote_all_identifiers = on;
"""


def test_settings_of_the_session_do_not_show(connection: Connection) -> None:
    connection.execute(SHOP)
    plain = take(connection, ["shop"])
    connection.execute(STRANGE_SESSION)
    assert take(connection, ["shop"]).objects == plain.objects


def test_settings_of_the_session_stay_as_they_were(connection: Connection) -> None:
    connection.execute("set search_path = pg_temp; set TimeZone = 'Asia/Tokyo'")
    take(connection, ["public"])
    shown = [connection.execute(f"show {name}").fetchone() for name in ("search_path", "TimeZone", "jit")]  # pyright: ignore[reportArgumentType,reportCallIssue]
    assert shown == [("pg_temp",), ("Asia/Tokyo",), ("on",)]


def test_an_open_transaction_is_seen_and_kept(connection: Connection) -> None:
    with connection.transaction():
        connection.execute("set local search_path = pg_temp; create table public.t ()")
        snapshot = take(connection, ["public"])
        assert connection.execute("show search_path").fetchone() == ("pg_temp",)
        connection.execute("create table public.u ()")
    assert ObjectKey("table", "public.t") in snapshot.objects
    assert ObjectKey("table", "public.u") in take(connection, ["public"]).objects


def test_a_role_without_any_privilege_sees_the_same(database: Target, connection: Connection) -> None:
    connection.execute(SHOP + SUBSCRIPTION)
    connection.execute("create role nobody_much login")
    try:
        with connect(database.elsewhere(user="nobody_much")) as poor:
            assert take(poor, ["shop", "public"]) == take(connection, ["shop", "public"])
    finally:
        connection.execute("drop role nobody_much; drop subscription sub")


def test_a_session_that_may_not_write_sees_the_same(connection: Connection) -> None:
    connection.execute("set default_transaction_read_only = on")
    assert take(connection, ["public"]).objects[ObjectKey("schema", "public")]["acl"] == "PUBLIC=USAGE"


def test_a_ledger_is_left_out_with_all_that_hangs_on_it(connection: Connection) -> None:
    before = take(connection, ["public"])
    connection.execute("""
    create table history (id serial primary key, installed timestamp default now(), ok boolean check (ok));
    create index history_ok on history (ok); comment on table history is 'theirs';
    create rule r as on delete to history do instead nothing; grant select on history to public""")
    assert take(connection, ["public"]) != before
    assert take(connection, ["public"], exclude_tables=[("public", "history")]) == before


def test_a_table_of_the_same_name_elsewhere_is_no_ledger(connection: Connection) -> None:
    connection.execute("create schema a; create table a.history (); create table history ()")
    snapshot = take(connection, ["public", "a"], exclude_tables={("public", "history")})
    assert ObjectKey("table", "a.history") in snapshot.objects
    assert ObjectKey("table", "public.history") not in snapshot.objects


def test_only_managed_schemas_are_seen(connection: Connection) -> None:
    connection.execute("create schema a; create table a.t (id int primary key); create table u ()")
    kinds = {key.kind: key.name for key in take(connection, ["a"]).objects}
    assert kinds == {
        "schema": "a",
        "table": "a.t",
        "column": "a.t.id",
        "constraint": "a.t.t_pkey",
        "extension": "plpgsql",
    }


def test_members_of_an_extension_are_told_by_the_extension_alone(connection: Connection) -> None:
    connection.execute("create table mine (id int); create function f() returns int language sql as 'select 1'")
    before = take(connection, ["public"])
    connection.execute("""
    create view member as select 1 as one;
    alter extension plpgsql add table mine; alter extension plpgsql add view member;
    alter extension plpgsql add function f()""")
    left = set(before.objects) - set(take(connection, ["public"]).objects)
    assert left == {("table", "public.mine"), ("column", "public.mine.id"), ("function", "public.f()")}
    assert ObjectKey("view", "public.member") not in take(connection, ["public"]).objects


def test_an_explicit_acl_equal_to_the_default_is_no_acl(connection: Connection) -> None:
    connection.execute("create table t (); create function f() returns int language sql as 'select 1'")
    before = take(connection, ["public"])
    connection.execute("grant select on t to postgres; grant execute on function f() to public")
    assert take(connection, ["public"]) == before


def test_grants_are_told_beyond_the_owners_own(connection: Connection) -> None:
    connection.execute("""
    create table t (); grant all on t to public; grant select on t to pg_monitor with grant option;
    set role pg_monitor; grant select on t to pg_read_all_data; reset role; revoke delete on t from postgres""")
    assert take(connection, ["public"]).objects[ObjectKey("table", "public.t")]["acl"] == (
        "PUBLIC=ALL; pg_monitor=SELECT*; pg_read_all_data=SELECT/pg_monitor; -postgres=DELETE"
    )


def test_dropping_and_adding_names_with_dots_and_quotes(connection: Connection) -> None:
    connection.execute('create table "a.b" ("c ""d" int constraint "e.f" check ("c ""d" > 0), "select" int)')
    names = {key.name for key in take(connection, ["public"]).objects if key.kind in {"column", "constraint"}}
    assert names == {'public."a.b"."c ""d"', 'public."a.b"."select"', 'public."a.b"."e.f"'}


def test_order_of_columns_is_physical(connection: Connection) -> None:
    connection.execute("create table t (b int, a int, c int); alter table t drop b, add b int")
    assert take(connection, ["public"]).column_order == {"public.t": ("a", "c", "b")}


def test_settings_of_database_and_roles_are_told_without_their_secrets(
    database: Target, connection: Connection
) -> None:
    name = database.resolve()["dbname"]
    connection.execute(f"alter database {name} set work_mem = '7MB'")  # pyright: ignore[reportArgumentType,reportCallIssue]
    connection.execute(f"alter database {name} set app.jwt_secret = 'hush'")  # pyright: ignore[reportArgumentType,reportCallIssue]
    settings = take(connection, ["public"]).settings
    assert settings["database: work_mem"] == "7MB"
    assert settings["encoding"] == "UTF8"
    assert settings["database: app.jwt_secret"].startswith("(hidden) ")
    assert "hush" not in str(settings)


def test_no_secret_of_another_server_is_in_a_snapshot(connection: Connection) -> None:
    connection.execute(SUBSCRIPTION)
    connection.execute("""
    create foreign data wrapper w; create server far foreign data wrapper w options (host 'h', password 'hush');
    create user mapping for current_user server far options (user 'hush', password 'hush');
    create foreign table there () server far options (api_key 'hush', name 'n')""")
    snapshot = take(connection, ["public"])
    connection.execute("drop subscription sub")
    assert snapshot.objects[ObjectKey("user mapping", "postgres on far")] == {}
    assert (snapshot.objects[ObjectKey("foreign table", "public.there")]["fdw options"] or "").endswith(
        ", name=n"
    )
    assert snapshot.settings["subscription sub: publications"] == "p1"
    assert "hush" not in repr(snapshot)


def test_a_database_of_another_name_has_the_same_settings(server: TestServer, connection: Connection) -> None:
    name = create_database(server)
    with connect(server.target(name)) as other:
        assert take(other, ["public"]).settings == take(connection, ["public"]).settings
    drop_database(server, name)


def test_what_is_asked_of_older_servers_is_understood(connection: Connection) -> None:
    version, values = connection.info.server_version, {"namespaces": "{2200}", "members": "{}"}
    for query in (*routines.OBJECTS, *database_wide.OBJECTS, *replication.OBJECTS):
        if query.since <= version:
            assert connection.execute(query.sql, values).description
    for major in range(13, version // 10000 + 1):
        assert connection.execute(settings_for(major * 10000)).description
        assert connection.execute(relations.columns_for(major * 10000), values).description


def test_a_schema_that_does_not_exist_is_no_object(connection: Connection) -> None:
    assert [key.kind for key in take(connection, ["nowhere"]).objects] == ["extension"]


@pytest.mark.parametrize("attempt", ["first", "prepared"])
def test_two_snapshots_of_the_same_are_equal(connection: Connection, attempt: str) -> None:
    connection.execute(SHOP)
    for _ in range(3 if attempt == "prepared" else 1):
        take(connection, ["shop"])
    one, other = take(connection, ["shop"]), take(connection, ["shop"])
    assert one == other
    assert fingerprint(one) == fingerprint(other)


def test_a_broken_transaction_is_not_answered(connection: Connection) -> None:
    connection.autocommit = False
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("select 1/0")
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        take(connection, ["public"])
    connection.rollback()
