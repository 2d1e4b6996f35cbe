"""A schema that moves to a newer major differs only in what the servers print otherwise, and that is named."""

import os
import subprocess
from typing import LiteralString

import pytest

from pipeline.postgres.connect import Connection
from pipeline.programs.installations import choose
from pipeline.schema.diff import Difference, diff, is_soft
from pipeline.schema.model import Snapshot
from pipeline.schema.snapshot import take
from pipeline.schema.words import summarise
from tests.conftest import lack
from tests.postgres.schema.conftest import connect
from tests.postgres.schema.shop import SHOP
from tests.support import servers as support
from tests.support.servers import Servers, TestServer

NEWEST = 18
MORE: LiteralString = """
set search_path = shop, public;
create view newest as select * from orders where number > 1 order by id desc limit 3;
create view ranked as select id, rank() over (partition by customer_id order by total) as place from orders;
create view named as with known as (select c.id, c.name from customers c) select name from known where id > 1;
create view either as select id from orders union all select id from customers;
create view many as select o.id, c.name from orders o left join customers c on c.id = o.customer_id
  where exists (select 1 from log where log.id = o.id);
create view grouped as select status, count(*) filter (where total > 1) from orders group by status
  having count(*) > 1;
create view aliased as select o.id as number, 'orders.id' as "orders.id" from orders o where o.note like 'a.b';
create view numbered as select n from generate_series(1, 3) n;
create view plain as values (1, 'a');
create view "Odd" as select "Mixed"."a.b" from (select 1 as "a.b") "Mixed";
create function names() returns setof text begin atomic select name from customers where id > 1; end;
create rule also as on update to customers do also insert into log (at, line) values ('2020-01-01', new.name);
create policy theirs on customers using (exists (select 1 from orders where orders.customer_id = customers.id));
create table strict (a int constraint filled not null, b text not null,
  c int generated always as (a + 1) stored);
create table child (check (a < 10)) inherits (strict);
create table pair (a int, b int, primary key (a, b), exclude using btree (a with =));
create index on pair ((a + b), (b % 2)) where a > 0;
reset search_path;
"""


def server_of(request: pytest.FixtureRequest, servers: Servers, major: int) -> TestServer:
    if reason := support.missing_majors([major]).get(major):
        lack(request.config, reason)
    return servers.get(major)


def restored(source: TestServer, name: str, target: TestServer, other: str) -> None:
    """Dump and restore, with the programs of the newer server, as an upgrade does."""
    installation = choose(target.major, os.environ)
    here, there = source.target(name).resolve(), target.target(other).resolve()
    dump = [installation.program("pg_dump"), "-Fc", "-h", here["host"], "-U", here["user"], name]
    content = subprocess.run(dump, check=True, capture_output=True).stdout
    restore = [installation.program("pg_restore"), "-e", "-h", there["host"], "-U", there["user"], "-d", other]
    subprocess.run(restore, check=True, capture_output=True, input=content)


@pytest.fixture(params=[15, 17])
def moved(request: pytest.FixtureRequest, servers: Servers) -> tuple[Difference, ...]:
    """What differs once the shop has moved from an older server to the newest."""
    source = server_of(request, servers, int(request.param))
    target = server_of(request, servers, NEWEST)
    name, other = support.create_database(source), support.create_database(target)
    try:
        with connect(source.target(name)) as before, connect(target.target(other)) as after:
            before.execute(SHOP + MORE)
            restored(source, name, target, other)
            return diff(shape(before), shape(after))
    finally:
        support.drop_database(source, name)
        support.drop_database(target, other)


def shape(connection: Connection) -> Snapshot:
    return take(connection, ["shop", "public"])


def test_nothing_differs_that_somebody_would_have_to_answer_for(moved: tuple[Difference, ...]) -> None:
    assert summarise(one for one in moved if not is_soft(one)) == ()


def test_what_the_servers_print_otherwise_is_named(moved: tuple[Difference, ...]) -> None:
    assert {(one.key.kind, one.property, one.because) for one in moved} <= {
        (kind, "definition", "since 16, the server prints a view's columns without its only table")
        for kind in ("view", "materialized view")
    }
