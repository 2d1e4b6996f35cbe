"""Our own schema in the target: made once, asked for by name where we may not, never guessed at."""

import pytest

from pipeline.errors import Refused
from pipeline.postgres import books
from pipeline.postgres.books import Books
from pipeline.postgres.connect import connected
from pipeline.postgres.run import run
from pipeline.postgres.target import Target
from tests.support.servers import TestServer, as_superuser
from tests.support.sites import ask

ODD = 'dba"s "choice; '


@pytest.fixture
def powerless(database: Target, server: TestServer) -> Target:
    """The database as a role with an odd name that may create nothing in it."""
    with as_superuser(server) as connection:
        if not connection.execute("select from pg_roles where rolname = %s", [ODD]).fetchall():
            connection.execute(b'create role "' + ODD.replace('"', '""').encode() + b'" login')
    return database.elsewhere(user=ODD)


def test_a_role_without_the_privilege_is_told_what_a_dba_must_run(powerless: Target, database: Target) -> None:
    with connected(powerless) as session, pytest.raises(Refused, match="may not make the schema") as refusal:
        Books(session, "r").open()
    todo = str(refusal.value.todo)
    assert todo == 'have a DBA run: create schema pipeline authorization "dba""s ""choice; ";'
    assert ask(database, "select to_regnamespace('pipeline') is null") == [(True,)]
    ask(database, todo.removeprefix("have a DBA run: "))
    with connected(powerless) as session:
        Books(session, "r").open()
    assert ask(database, "select number from pipeline.version") == [(books.VERSION,)]


def test_a_schema_that_belongs_to_somebody_else_is_refused(powerless: Target, database: Target) -> None:
    ask(database, "create schema pipeline; grant usage on schema pipeline to public")
    with connected(powerless) as session, pytest.raises(Refused) as refusal:
        Books(session, "r").open()
    ask(database, str(refusal.value.todo).removeprefix("have a DBA run: "))
    with connected(powerless) as session:
        Books(session, "r").open()


def test_books_of_a_newer_program_are_refused(owner: Target, database: Target) -> None:
    with connected(owner) as session:
        Books(session, "r").open()
        ask(database, "update pipeline.version set number = 99")
        with pytest.raises(Refused, match="has version 99, this program knows"):
            Books(session, "r").open()


def test_a_role_that_may_not_read_them_is_told_what_a_dba_must_run(
    powerless: Target, owner: Target, database: Target
) -> None:
    with connected(owner) as session:
        Books(session, "r").open()
    with connected(powerless) as session, pytest.raises(Refused, match="may not read our records") as refusal:
        books.unfinished(session)
    grants = str(refusal.value.todo).removeprefix("have a DBA run: ").split("; a role")[0]
    ask(database, grants)
    with connected(powerless) as session:
        assert books.unfinished(session) is None


def test_books_of_an_older_program_are_brought_up_to_date(owner: Target, database: Target) -> None:
    with connected(owner) as session:
        Books(session, "r").open()
        ask(database, "update pipeline.version set number = 1; drop table pipeline.journal")
        Books(session, "r").open()
    assert ask(database, "select number from pipeline.version") == [(books.VERSION,)]
    assert ask(database, "select count(*) from pipeline.journal") == [(0,)]


def test_a_database_without_our_schema_has_nothing_to_tell(database: Target) -> None:
    with connected(database) as session:
        assert not books.kept(session)
        assert books.open_attempts(session) == ()
        assert books.unfinished(session) is None
        assert books.remembered(session) is None


def test_a_promotion_that_began_and_never_ended_is_unfinished(owner: Target) -> None:
    with connected(owner) as session:
        first, second = Books(session, "r1"), Books(session, "r2")
        first.open()
        for each in (first, second):
            each.begun("prod", release="sha256:r", plan="sha256:p", fingerprint="sha256:a", expected="sha256:b")
        assert books.unfinished(session) == books.Unfinished("r2", "sha256:r", "sha256:b", applied=0)
        for direction in ("seen", "up"):
            run(session.connection, second.applied("1", direction, script="x", sha256="y"))
        assert books.unfinished(session) == books.Unfinished("r2", "sha256:r", "sha256:b", applied=1)
        second.ended("promoted", "sha256:b")
        assert books.unfinished(session) is None


def test_the_last_remembered_shape_is_the_only_one(owner: Target, database: Target) -> None:
    with connected(owner) as session:
        kept = Books(session, "r1")
        kept.open()
        kept.remember("one", b"\x00\xff")
        kept.remember("two", b"shape")
        assert books.remembered(session) == ("two", b"shape")
    assert ask(database, "select count(*) from pipeline.snapshots") == [(1,)]
