"""Embedded environments: kept on disk, made at first use, shared by their users."""

import os
import signal
import time
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import Busy, Refused, Unavailable
from pipeline.postgres.connect import connected
from pipeline.throwaway import embedded, supervisor
from pipeline.throwaway.cluster import Cluster, in_use, supervised
from tests.support.processes import becomes, kill, living, script, wait_for_line

USE = """
import os, sys, time
from pathlib import Path
from pipeline.throwaway import embedded
print("go", flush=True)
server = embedded.keep(Path(sys.argv[1]), database="shop", owner="migrator", environ=os.environ)
print("ready", flush=True)
sys.stdin.readline()
server.close()
print("closed", flush=True)
sys.stdin.readline()
"""
OWNERSHIP = b"""
SELECT r.rolname, r.rolsuper OR r.rolcreaterole OR r.rolcreatedb, r.rolcanlogin
  FROM pg_catalog.pg_database AS d JOIN pg_catalog.pg_roles AS r ON r.oid = d.datdba
 WHERE d.datname = pg_catalog.current_database()
"""


def keep(path: Path) -> Cluster:
    return embedded.keep(path, database="shop", owner="migrator", environ=os.environ)


def ask(server: Cluster, question: bytes) -> list[tuple[object, ...]]:
    with connected(server.target("shop", "migrator")) as session:
        cursor = session.connection.execute(question)
        return cursor.fetchall() if cursor.description else []


def postmaster_of(home: Path) -> int:
    return int((home / supervisor.POSTMASTER).read_text().split()[0])


def test_the_first_use_makes_a_database_whose_owner_may_nothing_else(base: Path) -> None:
    with keep(base / "dev") as server:
        assert ask(server, OWNERSHIP) == [("migrator", False, True)]


def test_what_was_written_is_there_at_the_next_use(base: Path) -> None:
    with keep(base / "dev") as server:
        ask(server, b"CREATE TABLE public.a AS SELECT 7 AS n")
    assert becomes(lambda: not in_use(server.home))
    assert not [line for line in living(str(base)) if "supervisor.py" not in line]
    with keep(base / "dev") as server:
        assert ask(server, b"SELECT n FROM public.a") == [(7,)]


def test_its_data_survive_a_power_cut(base: Path) -> None:
    with keep(base / "dev") as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(server, f"SELECT pg_catalog.current_setting('{name}')".encode()) == [("on",)]


def test_two_processes_share_one_server(base: Path) -> None:
    other = script(USE, base / "dev")
    with keep(base / "dev") as server:
        assert [wait_for_line(other) for _ in range(2)] == ["go", "ready"]
        kill(other)
        assert ask(server, b"SELECT 1") == [(1,)]
        assert in_use(server.home)
    assert becomes(lambda: not living(str(base)))


def test_a_user_who_comes_while_the_server_is_being_stopped_gets_it_started_anew(base: Path) -> None:
    for _ in range(5):
        server = keep(base / "dev")
        server.close()
    with keep(base / "dev") as server:
        assert ask(server, b"SELECT 1") == [(1,)]


def test_processes_that_make_it_at_the_same_moment_get_the_same_one(base: Path) -> None:
    users = [script(USE, base / "dev") for _ in range(3)]
    assert [[wait_for_line(user) for _ in range(2)] for user in users] == [["go", "ready"]] * 3
    assert len([line for line in living(str(base)) if "supervisor.py" in line]) == 2  # itself and its watcher
    for user in users:
        kill(user)
    assert becomes(lambda: not living(str(base)))


@pytest.mark.parametrize("moment", [0.0, 0.03, 0.06, 0.1, 0.15, 0.25, 0.35, 0.5, 0.8])
def test_a_user_killed_during_the_first_use_does_no_harm(base: Path, moment: float) -> None:
    first = script(USE, base / "dev")
    wait_for_line(first)
    time.sleep(moment)
    kill(first)
    with keep(base / "dev") as server:
        assert ask(server, OWNERSHIP) == [("migrator", False, True)]
    assert becomes(lambda: not living(str(base)))
    assert not (base / "dev" / supervisor.HALF_MADE).exists()


def test_a_killed_supervisor_is_replaced_and_its_server_too(base: Path) -> None:
    user = script(USE, base / "dev")
    assert [wait_for_line(user) for _ in range(2)] == ["go", "ready"]
    postmaster, supervising = map(int, (base / "dev" / supervisor.POSTMASTER).read_text().split())
    os.kill(supervising, signal.SIGKILL)
    assert becomes(lambda: not supervised(base / "dev"))
    with keep(base / "dev") as server:
        assert ask(server, b"SELECT 1") == [(1,)]
        assert postmaster_of(base / "dev") != postmaster
    kill(user)
    assert becomes(lambda: not living(str(base)))


def test_a_server_that_died_by_itself_is_started_again(base: Path) -> None:
    with keep(base / "dev"):
        os.kill(postmaster_of(base / "dev"), signal.SIGQUIT)
        assert becomes(lambda: not (base / "dev" / supervisor.POSTMASTER).exists())
        with keep(base / "dev") as server:
            assert ask(server, b"SELECT 1") == [(1,)]


def test_data_of_a_major_that_is_not_installed_are_not_touched(base: Path) -> None:
    keep(base / "dev").close()
    assert becomes(lambda: not in_use(base / "dev"))
    (base / "dev" / supervisor.DATA / "PG_VERSION").write_text("11\n")
    with pytest.raises(Unavailable, match="PostgreSQL 11"):
        keep(base / "dev")


def test_a_folder_that_is_not_ours_is_refused_and_left_alone(base: Path) -> None:
    (base / "precious").mkdir()
    (base / "precious" / "file").touch()
    for act in (keep, embedded.forget):
        with pytest.raises(Refused, match="not an embedded database"):
            act(base / "precious")
    assert [entry.name for entry in (base / "precious").iterdir()] == ["file"]


def test_forgetting_removes_the_data_and_the_next_use_begins_anew(base: Path) -> None:
    with keep(base / "dev") as server:
        ask(server, b"CREATE TABLE public.a ()")
    embedded.forget(base / "dev")
    assert list(base.iterdir()) == []
    with keep(base / "dev") as server:
        assert ask(server, b"SELECT pg_catalog.to_regclass('public.a')") == [(None,)]


def test_what_is_in_use_is_not_forgotten(base: Path) -> None:
    with keep(base / "dev") as server:
        with pytest.raises(Busy):
            embedded.forget(base / "dev", patience=timedelta(0))
        assert ask(server, b"SELECT 1") == [(1,)]


def test_what_an_interrupted_forgetting_left_is_removed_by_the_next_one(base: Path) -> None:
    keep(base / "dev").close()
    keep(base / "prod").close()
    assert becomes(lambda: not in_use(base / "dev"))
    (base / "dev").rename(base / f"{embedded.FORGOTTEN}dev")
    (base / f"{embedded.FORGOTTEN}decoy").mkdir()
    embedded.forget(base / "prod")
    assert [entry.name for entry in base.iterdir()] == [f"{embedded.FORGOTTEN}decoy"]


def test_a_server_that_is_just_being_stopped_is_still_in_use(base: Path) -> None:
    for _ in range(5):
        server = keep(base / "dev")
        server.close()
        assert in_use(base / "dev") or not (base / "dev" / supervisor.POSTMASTER).exists()


def test_forgetting_what_never_was_is_fine(base: Path) -> None:
    embedded.forget(base / "dev")


@pytest.fixture
def strict_umask() -> Generator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("strict_umask")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_in_a_closed_home_the_data_lie_elsewhere_behind_a_link(base: Path) -> None:
    closed = base / "home"
    closed.mkdir(mode=0o700)
    with keep(closed / "project" / "dev") as server:
        assert ask(server, b"SELECT 1") == [(1,)]
    real = (closed / "project" / "dev").readlink()
    assert real.is_relative_to(embedded.OUTSIDE)
    assert (real / supervisor.MARK).read_text() == f"{closed}/project/dev\n"
    embedded.forget(closed / "project" / "dev")
    assert not real.exists()
    assert list((closed / "project").iterdir()) == []
