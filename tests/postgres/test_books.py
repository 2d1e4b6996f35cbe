"""Our own schema in the target: made once, asked for by name where we may not, never guessed at."""

import pytest

from pipeline.errors import Refused
from pipeline.formats.model import Noted
from pipeline.postgres import books, witness
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.run import run
from pipeline.postgres.target import Target
from tests.support.servers import TestServer, as_superuser
from tests.support.sites import ask

LEDGER = ("public", "schema_migrations")
OTHER = ("public", "other_migrations")
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
        Books(session, "r", LEDGER).open()
    todo = str(refusal.value.todo)
    assert todo == 'have a DBA run: create schema pipeline authorization "dba""s ""choice; ";'
    assert ask(database, "select to_regnamespace('pipeline') is null") == [(True,)]
    ask(database, todo.removeprefix("have a DBA run: "))
    with connected(powerless) as session:
        Books(session, "r", LEDGER).open()
    assert ask(database, "select number from pipeline.version") == [(books.VERSION,)]


def test_a_schema_that_belongs_to_somebody_else_is_refused(powerless: Target, database: Target) -> None:
    ask(database, "create schema pipeline; grant usage on schema pipeline to public")
    with connected(powerless) as session, pytest.raises(Refused) as refusal:
        Books(session, "r", LEDGER).open()
    ask(database, str(refusal.value.todo).removeprefix("have a DBA run: "))
    with connected(powerless) as session:
        Books(session, "r", LEDGER).open()


def test_books_of_a_newer_program_are_refused(owner: Target, database: Target) -> None:
    with connected(owner) as session:
        Books(session, "r", LEDGER).open()
        ask(database, "update pipeline.version set number = 99")
        with pytest.raises(Refused, match="has version 99, this program knows"):
            Books(session, "r", LEDGER).open()


def test_a_role_that_may_not_read_them_is_told_what_a_dba_must_run(
    powerless: Target, owner: Target, database: Target
) -> None:
    with connected(owner) as session:
        Books(session, "r", LEDGER).open()
    with connected(powerless) as session, pytest.raises(Refused, match="may not read our records") as refusal:
        books.unfinished(session, LEDGER)
    grants = str(refusal.value.todo).removeprefix("have a DBA run: ").split("; a role")[0]
    ask(database, grants)
    with connected(powerless) as session:
        assert books.unfinished(session, LEDGER) is None


def test_books_of_an_older_program_are_brought_up_to_date(owner: Target, database: Target) -> None:
    with connected(owner) as session:
        Books(session, "r", LEDGER).open()
        ask(database, "update pipeline.version set number = 1; drop table pipeline.journal")
        Books(session, "r", LEDGER).open()
    assert ask(database, "select number from pipeline.version") == [(books.VERSION,)]
    assert ask(database, "select count(*) from pipeline.journal") == [(0,)]


OF_VERSION_2 = """
update pipeline.version set number = 2;
insert into pipeline.applied (run_id, direction, migration, script, sha256)
values ('r', 'seen', '1', 'one', 'abc');
insert into pipeline.attempts (run_id, direction, migration, objects, ledger)
values ('r', 'up', '2', '{i}', '[]');
insert into pipeline.promotions (run_id, environment, release_digest, plan_digest, fingerprint_before,
                                 fingerprint_expected, outcome)
values ('r', 'prod', 'sha256:r', 'sha256:p', 'sha256:a', 'sha256:b', 'applying');
insert into pipeline.snapshots (ledger, content) values ('head', 'shape');
alter table pipeline.applied drop column ledger_table;
alter table pipeline.attempts drop column ledger_table, add primary key (migration, direction);
alter table pipeline.promotions drop column ledger_table;
alter table pipeline.snapshots drop column ledger_table
"""


def test_what_an_older_program_wrote_counts_for_every_ledger(owner: Target, database: Target) -> None:
    def must_be_known(session: Session) -> None:
        for ledger in (LEDGER, OTHER):
            assert witness.noted(session, ledger) == {"1": Noted("one", "abc")}
            assert books.open_attempts(session, ledger) == (books.Attempt("2", "up", ("i",)),)
            assert books.unfinished(session, ledger) == books.Unfinished("r", "sha256:r", "sha256:b", applied=0)
            assert books.remembered(session, ledger) == ("head", b"shape")

    with connected(owner) as session:
        mine = Books(session, "r", LEDGER)
        mine.open()
        ask(database, OF_VERSION_2)
        must_be_known(session)
        mine.open()
        must_be_known(session)
        session.connection.execute("create table public.schema_migrations as select 2 as version")
        mine.attempt("2", "up", ["i"])
        assert ask(database, "select ledger_table, ledger from pipeline.attempts") == [
            ("public.schema_migrations", [])
        ]
        assert not Books(session, "r", OTHER).attempted("2", "up")
        run(session.connection, mine.attempt_over("2", "up"))
        assert not mine.attempted("2", "up")


def test_each_ledger_of_a_database_has_attempts_and_promotions_of_its_own(owner: Target) -> None:
    with connected(owner) as session:
        mine, theirs = Books(session, "r1", LEDGER), Books(session, "r2", OTHER)
        mine.open()
        for each in (mine, theirs):
            session.connection.execute(f"create table public.{each.ledger[1]} ()".encode())
            each.begun("prod", release="sha256:r", plan="sha256:p", fingerprint="sha256:a", expected="sha256:b")
            assert not each.attempted("1", "up")
            each.attempt("1", "up", ["i"])
            assert each.attempted("1", "up")
            each.remember("head", each.run_id.encode())
        run(session.connection, mine.attempt_over("1", "up"))
        mine.ended("promoted", "sha256:b")
        assert (mine.attempted("1", "up"), theirs.attempted("1", "up")) == (False, True)
        assert books.remembered(session, LEDGER) == ("head", b"r1")
        assert books.remembered(session, OTHER) == ("head", b"r2")
        assert books.unfinished(session, LEDGER) is None
        assert books.unfinished(session, OTHER) == books.Unfinished("r2", "sha256:r", "sha256:b", applied=0)


def test_a_database_without_our_schema_has_nothing_to_tell(database: Target) -> None:
    with connected(database) as session:
        assert not books.kept(session)
        assert books.open_attempts(session, LEDGER) == ()
        assert books.unfinished(session, LEDGER) is None
        assert books.remembered(session, LEDGER) is None


def test_a_promotion_that_began_and_never_ended_is_unfinished(owner: Target) -> None:
    with connected(owner) as session:
        first, second = Books(session, "r1", LEDGER), Books(session, "r2", LEDGER)
        first.open()
        for each in (first, second):
            each.begun("prod", release="sha256:r", plan="sha256:p", fingerprint="sha256:a", expected="sha256:b")
        assert books.unfinished(session, LEDGER) == books.Unfinished("r2", "sha256:r", "sha256:b", applied=0)
        for direction in ("seen", "up"):
            run(session.connection, second.applied("1", direction, script="x", sha256="y"))
        assert books.unfinished(session, LEDGER) == books.Unfinished("r2", "sha256:r", "sha256:b", applied=1)
        second.ended("promoted", "sha256:b")
        assert books.unfinished(session, LEDGER) is None


def test_the_last_remembered_shape_is_the_only_one(owner: Target, database: Target) -> None:
    with connected(owner) as session:
        kept = Books(session, "r1", LEDGER)
        kept.open()
        kept.remember("one", b"\x00\xff")
        kept.remember("two", b"shape")
        assert books.remembered(session, LEDGER) == ("two", b"shape")
    assert ask(database, "select count(*) from pipeline.snapshots") == [(1,)]
