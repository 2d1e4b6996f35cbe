"""A snapshot says which database it is of and where its objects stand, whatever they are called."""

from pipeline.postgres.connect import Connection
from pipeline.postgres.target import Target
from pipeline.schema.model import ObjectKey
from pipeline.schema.snapshot import take
from tests.postgres.schema.conftest import connect
from tests.postgres.schema.shop import SHOP
from tests.support import servers as support
from tests.support.servers import TestServer


def test_every_object_stands_somewhere_and_none_where_another_does(connection: Connection) -> None:
    connection.execute(SHOP)
    snapshot = take(connection, ["shop", "public"])
    assert set(snapshot.identities) == set(snapshot.objects)
    assert len(set(snapshot.identities.values())) == len(snapshot.identities)


def test_what_is_renamed_stays_where_it_is(connection: Connection) -> None:
    connection.execute("create table t (id int primary key, a text)")
    before = take(connection, ["public"])
    connection.execute("alter table t rename a to b; alter table t rename to u")
    after = take(connection, ["public"])
    old, new = ObjectKey("column", "public.t.a"), ObjectKey("column", "public.u.b")
    assert before.origin == after.origin
    assert before.identities[old] == after.identities[new]
    assert before.identities[old].endswith("/2")
    assert before.identities[ObjectKey("constraint", "public.t.t_pkey")].startswith("pg_constraint/")


def test_another_database_is_another_origin(connection: Connection, server: TestServer) -> None:
    name = support.create_database(server)
    try:
        with connect(server.target(name)) as other:
            assert take(other, ["public"]).origin != take(connection, ["public"]).origin
    finally:
        support.drop_database(server, name)


def test_a_role_that_may_not_know_the_server_gets_a_snapshot_all_the_same(
    database: Target, connection: Connection
) -> None:
    connection.execute(
        "create role uninformed login; revoke execute on function pg_control_system() from public"
    )
    try:
        with connect(database.elsewhere(user="uninformed")) as poor:
            assert take(poor, ["public"]).origin == ""
            assert take(poor, ["public"]) == take(connection, ["public"])
    finally:
        connection.execute("grant execute on function pg_control_system() to public; drop role uninformed")
