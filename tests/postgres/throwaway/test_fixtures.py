import psycopg

from pipeline.postgres.target import Target
from tests.support.servers import TestServer


def ask(target: Target, question: bytes) -> list[tuple[object, ...]]:
    with psycopg.connect(" ".join(f"{k}={v}" for k, v in target.resolve().items())) as connection:
        return connection.execute(question).fetchall()


def test_a_test_gets_an_empty_database_of_the_major_it_asked_for(server: TestServer, database: Target) -> None:
    [(version,)] = ask(database, b"SELECT current_setting('server_version_num')")
    assert int(str(version)) // 10000 == server.major
    assert ask(database, b"SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'public'") == []


def test_the_owner_may_create_a_table_but_no_role(owner: Target) -> None:
    rows = ask(owner, b"SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert rows == [(False, False, False)]
    rows = ask(owner, b"SELECT has_schema_privilege('public', 'CREATE')")
    assert rows == [(True,)]


def test_a_test_server_listens_on_no_address(database: Target) -> None:
    assert ask(database, b"SELECT current_setting('listen_addresses')") == [("",)]
