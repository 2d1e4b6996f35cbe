"""Looking again at what may have changed gives what looking at everything gives, after every kind of change."""

from collections.abc import Generator

import pytest

from pipeline.postgres.connect import Connection
from pipeline.schema.snapshot import take
from pipeline.schema.successive import Successive
from tests.postgres.schema.dumps import Database, scratch
from tests.postgres.schema.mutations.catalogue import MUTATIONS
from tests.postgres.schema.mutations.mutation import BASE, Mutation
from tests.support.servers import TestServer

QUIET = "create table quiet_{0} (id int primary key, at date default now(), check (id > {0}));"
PARTITIONED = """
create table p (n int) partition by list (n); create table q partition of p default; create index i on p (n)
"""
RENAME = "alter table t rename a to b"
FOLLOWING = [
    ("create view v as select a from t", RENAME),
    ("create view v as select t from t", "alter table t rename to u"),
    ("create table u (id int references t)", "alter table t rename id to number"),
    ("create table u (id int references t)", "alter table t rename to other"),
    ("create table u (one t)", "alter table t rename to other"),
    ("create table u (many t[])", "alter table t rename to other"),
    ("create table u (); create policy p on u using (exists (select from t where a = ''))", RENAME),
    ("create table u (); create rule r as on insert to u do instead delete from t where a = ''", RENAME),
    ("create sequence s; create table u (id int default nextval('s'))", "alter sequence s rename to z"),
    ("create table u (id serial)", "alter table u rename id to number"),
    ("create table u (id serial)", "alter sequence u_id_seq owned by none"),
    ("create table u () inherits (t)", "alter table t rename to other"),
    ("create table u () inherits (t)", "alter table u no inherit t"),
    (
        "create table p (n int) partition by list (n); create index on p (n)",
        "create table p1 partition of p default",
    ),
    (
        PARTITIONED,
        "alter index i rename to j",
    ),
    (
        "create type mood as enum ('a'); create table u (m mood default 'a')",
        "alter type mood rename value 'a' to 'b'",
    ),
    (
        "create type c as (x int); create table u (c c, check ((c).x > 0))",
        "alter type c rename attribute x to y",
    ),
    ("create domain d as int; create table u (d d)", "alter domain d rename to e"),
    (
        "create function f(int) returns int immutable return 1; create index i on t (f(id))",
        "alter function f rename to g",
    ),
    (
        "create function f() returns int return 1; create table u (n int default f())",
        "alter function f rename to g",
    ),
    ("create schema x; create type x.y as enum (); create table u (y x.y)", "alter type x.y rename to z"),
    (
        "create schema x; create table x.y (id int primary key); create table u (y int references x.y)",
        "alter table x.y rename to z",
    ),
    ("create schema x; create type x.y as enum (); create table u (y x.y)", "alter schema x rename to z"),
    ("alter table t owner to app", "alter role app rename to app2; alter role app2 rename to app"),
    ("create table u (id int constraint k primary key)", "comment on index k is 'of the key'"),
    ("create table u (id int constraint k primary key)", "comment on constraint k on u is 'the key'"),
    ("comment on column t.a is 'a'", "comment on column t.a is null"),
    ("create index i on t ((lower(a)))", "alter index i alter 1 set statistics 7"),
    ("", "alter table t set (toast.autovacuum_enabled = off)"),
    ("create table u ()", "alter table t rename to z; alter table u rename to t; alter table z rename to u"),
    ("create collation quiet_1 (locale = 'C')", RENAME),
    ("", "drop table t cascade; create table t (id int)"),
    ("create table u (id int references t)", "alter table u drop constraint u_id_fkey"),
    ("create policy p on t", "drop policy p on t"),
    ("create rule r as on insert to t do instead nothing", "drop rule r on t"),
    ("create index i on t (a)", "drop index i; create index j on t (a)"),
    ("create statistics st on id, a from t", "drop statistics st"),
    (
        "create view v as select a from t; create view w as select a from v",
        "drop view w; alter view v rename a to b",
    ),
    ("", "create table temporary_no (); drop table temporary_no"),
    ("", "create temporary table gone (id int)"),
    ("", "grant select (a) on t to app"),
    ("", "create extension citext; create table u (c citext)"),
    ("", "update pg_class set relname = 'by_hand' where relname = 't'"),
]
"""Setups and changes that show in texts of something else, or that leave no row behind."""


@pytest.fixture
def database(spacious: TestServer) -> Generator[Database]:
    """A database of the test's own, with what stands before every change and some tables beside it."""
    with scratch(spacious) as database:
        database.change(BASE + "".join(QUIET.format(number) for number in range(9)))
        yield database


def must_be_the_same(successive: Successive, connection: Connection) -> None:
    again, full = successive.take(connection), take(connection, ["public"])
    assert again == full
    assert (again.identities, again.origin) == (full.identities, full.origin)


def must_follow(database: Database, setup: str, change: str) -> None:
    database.change(setup)
    successive = Successive(["public"], worthwhile=0)
    must_be_the_same(successive, database.connection)
    assert successive.read_again is None
    must_be_the_same(successive, database.connection)
    assert successive.read_again == 0
    database.change(change)
    must_be_the_same(successive, database.connection)
    must_be_the_same(successive, database.connection)


@pytest.mark.parametrize("server", [18], indirect=True)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_after_every_change_of_the_catalogue_it_is_the_same(database: Database, mutation: Mutation) -> None:
    must_follow(database, mutation.setup, mutation.change)


@pytest.mark.parametrize(("setup", "change"), FOLLOWING, ids=[change for _, change in FOLLOWING])
def test_after_a_change_that_shows_elsewhere_it_is_the_same(
    database: Database, setup: str, change: str
) -> None:
    must_follow(database, setup, change)


@pytest.mark.parametrize(
    ("change", "relations"),
    [
        ("alter table quiet_1 add n int", 1),
        ("create table u (id int primary key references quiet_1)", 2),
        ("create view v as select id from quiet_1", 1),
        ("drop table quiet_1", 0),
        ("insert into quiet_1 values (5)", 0),
        ("create function f() returns int return 1", 0),
        ("comment on table quiet_1 is 'why'", 1),
    ],
)
def test_no_more_is_read_again_than_may_have_changed(database: Database, change: str, relations: int) -> None:
    successive = Successive(["public"], worthwhile=0)
    successive.take(database.connection)
    database.change(change)
    must_be_the_same(successive, database.connection)
    assert successive.read_again == relations


def test_few_relations_are_all_read(database: Database) -> None:
    successive = Successive(["public"])
    must_be_the_same(successive, database.connection)
    must_be_the_same(successive, database.connection)
    assert successive.read_again is None


def test_an_error_half_way_leaves_nothing_to_go_by(database: Database) -> None:
    successive = Successive(["public"], worthwhile=0)
    successive.take(database.connection)
    database.change("alter table t add b int")
    successive.managed = object()  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        successive.take(database.connection)
    successive.managed = ["public"]
    must_be_the_same(successive, database.connection)
    assert successive.read_again is None
