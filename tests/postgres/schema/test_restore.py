"""The fingerprint survives a dump and a restore, and the majors agree where their servers do."""

import os
import subprocess
from collections.abc import Generator

import pytest

from pipeline.postgres.connect import Connection
from pipeline.postgres.rows import read_rows
from pipeline.postgres.target import Target
from pipeline.programs.installations import choose
from pipeline.schema.diff import diff
from pipeline.schema.digest import fingerprint, order_digest, settings_digest
from pipeline.schema.model import Snapshot
from pipeline.schema.snapshot import take
from tests.conftest import lack
from tests.postgres.schema.conftest import connect
from tests.postgres.schema.shop import SHOP
from tests.support import servers as support
from tests.support.servers import SCHEMA_MAJORS, Servers

ROWS = """
insert into shop.customers (email, home)
  select i || '@x', row('s', i::text)::shop.address from generate_series(1, 50) i;
insert into shop.orders (customer_id, total) select 1 + i % 50, i / 7.0 from generate_series(1, 500) i;
insert into shop.log (at, line) select date '2020-12-01' + i, E'a\\tb' from generate_series(1, 60) i;
insert into shop.derived values (1, 2); insert into shop.base values (3);
"""


@pytest.fixture
def restored(server: support.TestServer, database: Target, connection: Connection) -> Generator[Connection]:
    """The shop of ``connection``, dumped and restored into another database of the same server."""
    connection.execute(SHOP)
    connection.execute(ROWS)
    name = support.create_database(server)
    here = database.resolve()
    where = ["-h", here["host"], "-U", here["user"], "-d"]
    installation = choose(server.major, os.environ)
    dump = [installation.program("pg_dump"), "-Fc", *where, here["dbname"]]
    content = subprocess.run(dump, check=True, capture_output=True).stdout
    restore = [installation.program("pg_restore"), "-e", *where, name]
    subprocess.run(restore, check=True, capture_output=True, input=content)
    with connect(server.target(name)) as other:
        yield other
    support.drop_database(server, name)


def test_a_restored_dump_has_the_same_shape(connection: Connection, restored: Connection) -> None:
    before, after = (take(one, ["shop", "public"]) for one in (connection, restored))
    assert diff(before, after) == ()
    assert fingerprint(before) == fingerprint(after)
    assert order_digest(before) == order_digest(after)
    assert settings_digest(before) == settings_digest(after)


def test_a_restored_dump_holds_the_same_rows(connection: Connection, restored: Connection) -> None:
    before, after = (read_rows(one, ["shop"]) for one in (connection, restored))
    assert before == after
    assert {name: rows.count for name, rows in after.items()} == {
        "shop.base": 1,
        "shop.customers": 50,
        "shop.derived": 1,
        "shop.log_2020": 30,
        "shop.log_rest": 30,
        "shop.orders": 500,
    }


def test_the_majors_agree_but_for_what_their_servers_print_otherwise(
    request: pytest.FixtureRequest, servers: Servers
) -> None:
    for reason in support.missing_majors(SCHEMA_MAJORS).values():
        lack(request.config, reason)
    snapshots: list[Snapshot] = []
    for major in SCHEMA_MAJORS:
        server = servers.get(major)
        name = support.create_database(server)
        with connect(server.target(name)) as connection:
            connection.execute(SHOP)
            snapshots.append(take(connection, ["shop", "public"]))
        support.drop_database(server, name)
    # Since 16 the server no longer qualifies columns in a view that reads from one table only.
    oldest, *newer = snapshots
    for newest in newer:
        assert [(one.key.name, one.property) for one in diff(oldest, newest)] == [
            ("shop.paid", "definition"),
            ("shop.totals", "definition"),
        ]
        assert oldest.column_order == newest.column_order
    assert len({fingerprint(newest) for newest in newer}) == 1
