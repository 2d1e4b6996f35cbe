"""What is renamed on a server is told as a rename and nothing else; what is made anew never is."""

from typing import LiteralString

import pytest

from pipeline.postgres.connect import Connection
from pipeline.schema.diff import Difference, diff
from pipeline.schema.digest import fingerprint
from pipeline.schema.snapshot import take
from pipeline.schema.words import summarise
from tests.postgres.schema.conftest import connect
from tests.support import servers as support
from tests.support.servers import TestServer

SHOP: LiteralString = """
create schema app;
create type mood as enum ('sad', 'ok');
create type address as (street text, zip text);
create domain email as text check (value <> '');
create table customers (id int primary key, email email, home address);
create sequence numbers;
create table orders (
  id serial primary key,
  customer_id int not null references customers (id),
  number int default nextval('numbers'),
  total numeric check (total >= 0),
  double numeric generated always as (total * 2) stored,
  mood mood default 'ok'
);
create index orders_customer on orders (customer_id, lower('x')) where total > 0;
create statistics orders_stats on customer_id, total from orders;
create function twice(mood) returns setof mood language sql as 'select $1';
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touched before update of total on orders for each row when (old.total <> new.total)
  execute function touch();
create rule kept as on delete to customers do instead nothing;
create policy own on orders for select using (total > 0);
create view paid as select id, total from orders where total > 0;
create view joined as select o.id, c.email from orders o join customers c on c.id = o.customer_id;
create materialized view totals as select customer_id, sum(total) as total from orders group by customer_id;
create table log (id int, at date) partition by range (at);
comment on table log is 'public.customers';
create table log_1 partition of log for values from ('2020-01-01') to ('2021-01-01');
create table app.settings (name text primary key, mood public.mood);
create function app.more(text, text) returns text language sql as 'select $1';
create text search configuration app.words (parser = pg_catalog.default);
create view app.named as select s.name, o.id from app.settings s, public.orders o;
create function app.plus(app.settings, app.settings) returns text language sql as 'select 1::text';
create operator app.+ (function = app.plus, leftarg = app.settings, rightarg = app.settings);
create aggregate app.most(text) (sfunc = app.more, stype = text);
create function app.f(app.settings) returns text language sql as 'select 1::text';
"""

RENAMES: dict[str, tuple[LiteralString, list[str]]] = {
    "a table": ("alter table orders rename to sales", ["table orders renamed to sales"]),
    "a table that others refer to": (
        "alter table customers rename to people",
        ["table customers renamed to people"],
    ),
    "a column": ("alter table log rename id to number", ["column log.id renamed to number"]),
    "the column of a check": (
        "drop view paid, joined; drop materialized view totals; alter table orders rename total to amount",
        [
            "column orders.total renamed to amount",
            "view joined removed",
            "view paid removed",
            "materialized view totals removed",
        ],
    ),
    "a column that others refer to": (
        "drop view joined; alter table customers rename id to number",
        ["column customers.id renamed to number", "view joined removed"],
    ),
    "the column of a partition key": (
        "alter table log rename at to happened",
        ["column log.at renamed to happened"],
    ),
    "a constraint": (
        "alter table orders rename constraint orders_total_check to positive",
        ["constraint orders.orders_total_check renamed to positive"],
    ),
    "an index": (
        "alter index orders_customer rename to by_customer",
        ["index orders_customer renamed to by_customer"],
    ),
    "a sequence": ("alter sequence numbers rename to counter", ["sequence numbers renamed to counter"]),
    "the sequence of a column": (
        "alter sequence orders_id_seq rename to ids",
        ["sequence orders_id_seq renamed to ids"],
    ),
    "a view": ("alter view paid rename to settled", ["view paid renamed to settled"]),
    "a materialized view": (
        "alter materialized view totals rename to sums",
        ["materialized view totals renamed to sums"],
    ),
    "a function": ("alter function touch() rename to poke", ["function touch() renamed to poke()"]),
    "an enum": ("alter type mood rename to feeling", ["type mood renamed to feeling"]),
    "a composite": ("alter type address rename to place", ["type address renamed to place"]),
    "an attribute": (
        "alter type address rename attribute zip to code",
        ["attribute address.zip renamed to code"],
    ),
    "a domain": ("alter domain email rename to mail", ["domain email renamed to mail"]),
    "the constraint of a domain": (
        "alter domain email rename constraint email_check to filled",
        ["domain constraint email.email_check renamed to filled"],
    ),
    "a trigger": (
        "alter trigger touched on orders rename to poked",
        ["trigger orders.touched renamed to poked"],
    ),
    "a rule": ("alter rule kept on customers rename to stays", ["rule customers.kept renamed to stays"]),
    "a policy": ("alter policy own on orders rename to mine", ["policy orders.own renamed to mine"]),
    "statistics": (
        "alter statistics orders_stats rename to known",
        ["statistics orders_stats renamed to known"],
    ),
    "a table with its columns": (
        """
drop view paid, joined; drop materialized view totals;
alter table orders rename total to amount; alter table orders rename to sales""",
        [
            "table orders renamed to sales",
            "column sales.total renamed to amount",
            "view joined removed",
            "view paid removed",
            "materialized view totals removed",
        ],
    ),
    "a table to another schema": ("alter table orders set schema app", ["table orders moved to schema app"]),
    "a schema": ("alter schema app rename to tool", ["schema app renamed to tool"]),
    "a renamed table that was altered too": (
        """
alter table log rename to journal; alter table journal add note text;
alter table log_1 owner to app_owner""",
        [
            "table log renamed to journal",
            "table log_1: owner postgres → app_owner",
            "column journal.note added: text",
        ],
    ),
    "two tables that follow each other": (
        "alter table customers rename to old; create table customers (id int)",
        ["table customers added", "table customers renamed to old"],
    ),
    "a label": (
        "alter type mood rename value 'sad' to 'blue'",
        ["type mood: label 'sad' renamed to 'blue'"],
    ),
}
SCHEMAS = ["public", "app", "tool"]


def changed(connection: Connection, change: LiteralString) -> tuple[Difference, ...]:
    before = take(connection, SCHEMAS)
    connection.execute(change)
    after = take(connection, SCHEMAS)
    assert fingerprint(before) != fingerprint(after)
    return diff(before, after)


@pytest.mark.parametrize("what", RENAMES)
def test_what_is_renamed_is_told_as_that_alone(transaction: Connection, what: str) -> None:
    change, words = RENAMES[what]
    transaction.execute("create role app_owner")
    transaction.execute(SHOP)
    owner = transaction.info.user
    assert list(summarise(changed(transaction, change))) == [line.replace("postgres", owner) for line in words]


TOGETHER: dict[str, tuple[LiteralString, list[str]]] = {
    "a table and what a view asks of it": (
        """
alter table customers rename to people;
create or replace view joined as select o.id, c.email from orders o join people c on c.id = o.number""",
        [
            "table customers renamed to people",
            (
                "view joined: definition line 4: JOIN public.customers c ON ((c.id = o.customer_id)));"
                " → JOIN public.people c ON ((c.id = o.number)));"
            ),
        ],
    ),
    "a table and a comment that says its name": (
        """
alter table customers rename to people; comment on table log is 'public.people'""",
        ["table log: comment public.customers → public.people", "table customers renamed to people"],
    ),
    "a column and the policy that goes by it": (
        """
drop view paid, joined; drop materialized view totals;
alter table orders rename total to amount; alter policy own on orders using (amount > 0 and number > 0)""",
        [
            "column orders.total renamed to amount",
            "view joined removed",
            "view paid removed",
            "materialized view totals removed",
            "policy orders.own: using (total > (0)::numeric) → ((amount > (0)::numeric) AND (number > 0))",
        ],
    ),
}


@pytest.mark.parametrize("what", TOGETHER)
def test_what_was_changed_together_with_a_rename_is_told_too(transaction: Connection, what: str) -> None:
    change, words = TOGETHER[what]
    transaction.execute(SHOP)
    assert list(summarise(changed(transaction, change))) == words


def test_what_is_made_anew_under_another_name_was_not_renamed(transaction: Connection) -> None:
    transaction.execute("create table t (a int, b int)")
    found = changed(
        transaction,
        "alter table t drop a, add c int; create table u (a int); drop table u, t; create table u (b int)",
    )
    assert summarise(found) == ("table t removed", "table u added")


def test_a_column_made_anew_under_another_name_was_not_renamed(transaction: Connection) -> None:
    transaction.execute("create table t (a int, b int)")
    found = changed(transaction, "alter table t drop a, add c int")
    assert summarise(found) == ("column t.a removed: integer", "column t.c added: integer")


def test_a_copy_under_another_name_was_not_renamed(connection: Connection, server: TestServer) -> None:
    name = support.create_database(server)
    connection.execute("create table t (a int)")
    with connect(server.target(name)) as other:
        other.execute("create table u (a int)")
        found = diff(take(connection, ["public"]), take(other, ["public"]))
    support.drop_database(server, name)
    assert summarise(found) == ("table t removed", "table u added")


def test_tables_of_one_shape_that_exchanged_their_names_do_not_differ(transaction: Connection) -> None:
    transaction.execute("create table t (a int); create table u (a int)")
    before = take(transaction, ["public"])
    transaction.execute("alter table t rename to x; alter table u rename to t; alter table x rename to u")
    assert diff(before, take(transaction, ["public"])) == ()


def test_an_index_that_was_built_anew_is_no_rename_of_the_old_one(transaction: Connection) -> None:
    transaction.execute("create table t (a int); create index i on t (a)")
    found = changed(transaction, "alter index i rename to i_ccold; create index i on t (a)")
    assert summarise(found) == ("index i_ccold added: btree (a)",)


def test_a_rename_that_was_taken_back_leaves_no_difference(transaction: Connection) -> None:
    transaction.execute(SHOP)
    before = take(transaction, SCHEMAS)
    transaction.execute("alter table orders rename to sales; alter table sales rename total to amount")
    transaction.execute("alter table sales rename amount to total; alter table sales rename to orders")
    assert diff(before, take(transaction, SCHEMAS)) == ()
