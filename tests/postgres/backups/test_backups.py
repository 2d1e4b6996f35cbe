"""Backups of real databases: what comes back is what was there, or nothing is used at all."""

import os
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.backups import dump
from pipeline.backups.dump import Backup, Facts
from pipeline.backups.store import Store, verify
from pipeline.errors import Failed, Refused
from pipeline.postgres.connect import connected
from pipeline.postgres.identity import identify, size_of
from pipeline.postgres.rows import compare, read_rows
from pipeline.postgres.target import Target
from pipeline.programs.run import lean, run
from tests.support import servers as support
from tests.support.processes import becomes, kill, script, wait_for_line
from tests.support.servers import TestServer

SHOP = b"""
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, email text NOT NULL, total numeric(12, 2) CHECK (total >= 0));
INSERT INTO shop.orders SELECT g, md5(g::text) || '@example.org', g FROM generate_series(1, 5000) AS g;
CREATE VIEW shop.large AS SELECT id FROM shop.orders WHERE total > 4000;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.orders USING (email = current_user);
GRANT SELECT ON shop.orders TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO PUBLIC;
SELECT pg_catalog.lo_from_bytea(0, 'large object');
"""


@pytest.fixture
def shop(owner: Target, server: TestServer, database: Target) -> Target:
    """A filled database of an ordinary role, with another role's table in it."""
    with connected(owner) as session:
        session.connection.execute(SHOP)
    with connected(database) as session:
        session.connection.execute("CREATE TABLE shop.audit AS SELECT 'superuser''s own' AS note")
    assert server.major
    return database


@pytest.fixture
def empty(server: TestServer) -> Generator[Target]:
    """Another database of the same server."""
    name = support.create_database(server)
    yield server.target(name)
    support.drop_database(server, name)


def facts(target: Target) -> Facts:
    with connected(target) as session:
        identity = identify(session)
        return Facts(
            database=identity.database,
            system_identifier=identity.system_identifier,
            server_version=identity.server_version,
            size=size_of(session),
            fingerprint="sha256:0",
            tables=read_rows(session.connection, ["shop"]),
            roles=(identity.owner,),
        )


def take(target: Target, store: Path, snapshot: str | None = None) -> Backup:
    told = facts(target)
    return dump.take(target, store=store, name="a", facts=told, environ=os.environ, snapshot=snapshot)


def shape(server: TestServer, target: Target) -> str:
    """Everything but rows, in pg_dump's words: owners, grants, policies, default privileges, large objects."""
    parameters = target.resolve()
    env = lean(PGHOST=parameters["host"], PGUSER=parameters["user"], PGDATABASE=parameters["dbname"])
    argv = [server.installation.program("pg_dump"), "--schema-only", "--restrict-key=fixed"]
    return run(argv, timeout=timedelta(minutes=1), env=env).stdout


def test_what_comes_back_has_the_same_owners_grants_policies_and_rows(
    server: TestServer, shop: Target, empty: Target, tmp_path: Path
) -> None:
    backup = take(shop, tmp_path)
    dump.restore(backup, empty, environ=os.environ)
    assert shape(server, empty) == shape(server, shop)
    with connected(empty) as session:
        assert compare(facts(shop).tables, read_rows(session.connection, ["shop"])) == ()
        assert session.connection.execute(
            "SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata"
        ).fetchall() == [(1,)]


def test_its_manifest_tells_what_it_is_and_which_program_made_it(
    server: TestServer, shop: Target, tmp_path: Path
) -> None:
    manifest = take(shop, tmp_path).manifest
    assert manifest.server_version.startswith(server.version)
    assert manifest.pg_dump.split(".")[0] == str(server.major)
    assert manifest.tables["shop.orders"].count == 5000
    assert [backup.manifest for backup in Store(tmp_path).list()] == [manifest]


def test_parallel_jobs_restore_the_same(shop: Target, empty: Target, tmp_path: Path) -> None:
    dump.restore(take(shop, tmp_path), empty, environ=os.environ, jobs=2)
    assert compare(facts(shop).tables, facts(empty).tables) == ()


def test_a_backup_shows_the_instant_of_its_snapshot(shop: Target, empty: Target, tmp_path: Path) -> None:
    with connected(shop) as session, session.connection.transaction():
        session.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        [[snapshot]] = session.connection.execute("SELECT pg_catalog.pg_export_snapshot()").fetchall()
        with connected(shop) as later:
            later.connection.execute("INSERT INTO shop.orders VALUES (0, 'late', 0)")
        backup = take(shop, tmp_path, snapshot=str(snapshot))
    dump.restore(backup, empty, environ=os.environ)
    with connected(empty) as session:
        assert session.connection.execute("SELECT 1 FROM shop.orders WHERE id = 0").fetchall() == []


def test_a_damaged_backup_is_refused_before_anything_is_done(shop: Target, tmp_path: Path) -> None:
    backup = take(shop, tmp_path)
    content = bytearray(backup.file.read_bytes())
    content[len(content) // 2] ^= 1
    backup.file.write_bytes(content)

    def nobody() -> dict[str, str]:
        raise AssertionError("the target was asked for")

    with pytest.raises(Refused):
        dump.restore(backup, Target("never", nobody), environ=os.environ)


def test_a_backup_that_cannot_be_restored_fails_and_leaves_the_target_empty(
    shop: Target, empty: Target, tmp_path: Path
) -> None:
    with connected(shop) as session:
        session.connection.execute(
            b"CREATE TABLE shop.limits AS SELECT 100 AS n; SET search_path = shop;"
            b"CREATE FUNCTION shop.fits(int) RETURNS bool LANGUAGE sql AS 'SELECT $1 < (SELECT n FROM limits)';"
            b"CREATE TABLE shop.unlucky (n int CHECK (shop.fits(n)));"
            b"INSERT INTO shop.unlucky VALUES (1)"
        )
    backup = take(shop, tmp_path)
    with pytest.raises(Failed, match="pg_restore failed") as caught:
        dump.restore(backup, empty, environ=os.environ)
    assert '"limits" does not exist' in str(caught.value.why)
    with connected(empty) as session:
        assert session.connection.execute("SELECT pg_catalog.to_regnamespace('shop')").fetchall() == [(None,)]


def test_a_restore_never_touches_what_is_already_there(shop: Target, tmp_path: Path) -> None:
    backup = take(shop, tmp_path)
    with connected(shop) as session:
        session.connection.execute("INSERT INTO shop.orders VALUES (0, 'late', 0)")
    with pytest.raises(Failed, match="pg_restore failed"):
        dump.restore(backup, shop, environ=os.environ)
    with connected(shop) as session:
        assert session.connection.execute("SELECT email FROM shop.orders WHERE id = 0").fetchall() == [
            ("late",)
        ]


def test_a_locked_table_fails_the_backup_and_nothing_of_it_stays(shop: Target, tmp_path: Path) -> None:
    told = facts(shop)
    with connected(shop) as session, session.connection.transaction():
        session.connection.execute("LOCK TABLE shop.orders")
        with pytest.raises(Failed, match="pg_dump failed"):
            dump.take(
                shop,
                store=tmp_path,
                name="a",
                facts=told,
                environ=os.environ,
                lock_wait=timedelta(milliseconds=100),
            )
    assert list(tmp_path.iterdir()) == []


TAKE = """
import os, sys
from pathlib import Path
from pipeline.backups import dump
from pipeline.postgres.target import Target
parameters = dict(host=sys.argv[2], user=sys.argv[3], dbname=sys.argv[4])
facts = dump.Facts("shop", "1", sys.argv[5], 0, "sha256:0", {}, ())
print("go", flush=True)
shop = Target("shop", lambda: parameters)
dump.take(shop, store=Path(sys.argv[1]), name="a", facts=facts, environ=os.environ)
print("taken", flush=True)
"""


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3])
@pytest.mark.parametrize("server", [18], indirect=True, ids=["pg18"])
def test_a_killed_backup_leaves_nothing_that_looks_like_one(
    server: TestServer, shop: Target, tmp_path: Path, moment: float
) -> None:
    with connected(shop) as session:
        session.connection.execute(
            "INSERT INTO shop.orders SELECT g, md5(g::text), g FROM generate_series(5001, 100000) g"
        )
    where = shop.resolve()
    taking = script(TAKE, tmp_path, where["host"], where["user"], where["dbname"], server.version)
    assert wait_for_line(taking) == "go"
    time.sleep(moment)
    kill(taking)
    assert becomes(lambda: clients(shop) == 0)
    store = Store(tmp_path)
    store.prepare()
    for backup in store.list():  # killed too late: then it is whole
        verify(backup)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"a"}


def clients(target: Target) -> int:
    """How many pg_dump processes the server knows of."""
    with connected(target) as session:
        [[count]] = session.connection.execute(
            "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity"
            " WHERE application_name = 'pg_dump' AND datname = pg_catalog.current_database()"
        ).fetchall()
    return int(str(count))


@contextmanager
def small_disk(folder: Path, size: int) -> Generator[None]:
    """A memory file system of ``size`` bytes."""
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(["/bin/mount", *options], check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a file system")
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", str(folder)], check=True)


@pytest.mark.parametrize("pages", [1, 2, 3, 5, 8, 12, 16, 20, 25, 30])
@pytest.mark.parametrize("server", [18], indirect=True, ids=["pg18"])
def test_a_full_disk_fails_the_backup_and_nothing_of_it_stays(shop: Target, tmp_path: Path, pages: int) -> None:
    with small_disk(tmp_path, pages * 4096):
        with pytest.raises(Failed, match="no room for the backup"):
            take(shop, tmp_path)
        assert list(tmp_path.iterdir()) == []
