"""Advisory locks are asked for and never waited for, and whoever holds one is named."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.errors import Busy, Unavailable
from pipeline.postgres import locks
from pipeline.postgres.connect import connected
from pipeline.postgres.target import Target
from tests.support.sites import IMPATIENT, applied, ask, bystander, site, up, waits_for

FORMATS = ("flyway", "golang-migrate", "prisma")
HELD = "select from pg_locks where locktype = 'advisory' and granted"


def key_of(owner: Target, format_name: str) -> int:
    with site(owner, format_name) as at:
        return at.work.key


@pytest.mark.parametrize("sql", ["create table a (id int)", "vacuum"])
@pytest.mark.parametrize("format_name", FORMATS)
def test_the_formats_lock_in_other_hands_is_busy(
    owner: Target, database: Target, format_name: str, sql: str
) -> None:
    up(owner, "1", "select 1", format_name)
    with bystander(database, "real tool") as other:
        other.execute("select pg_advisory_lock(%s)", [key_of(owner, format_name)])
        with pytest.raises(Busy, match=f"the {format_name} lock is held") as busy:
            up(owner, "2", sql, format_name, limits=IMPATIENT)
        assert str(busy.value.why).startswith(f"pid {other.info.backend_pid}, postgres (real tool)")
    assert len(applied(owner, format_name)) == 1
    assert ask(database, "select * from pipeline.attempts") == []
    assert ask(database, "select to_regclass('public.a') is null") == [(True,)]


def test_the_lock_of_a_run_in_other_hands_is_busy(owner: Target, database: Target) -> None:
    with site(owner, purpose="pipeline prod run-0") as first:
        with pytest.raises(Busy, match="the promotion lock is held by somebody else") as busy:
            up(owner, "1", "select 1", limits=IMPATIENT)
        pid = first.session.connection.info.backend_pid
        user = owner.resolve()["user"]
        assert str(busy.value.why).startswith(f"pid {pid}, {user} (pipeline prod run-0), idle for ")
    assert ask(database, f"select exists ({HELD})") == [(False,)]


def test_a_lock_that_comes_free_is_taken(owner: Target, database: Target) -> None:
    key = key_of(owner, "flyway")
    with ThreadPoolExecutor(1) as pool, bystander(database) as other:
        other.execute("select pg_advisory_lock(%s)", [key])
        applying = pool.submit(up, owner, "1", "create table a (id int)")
        waits_for(database, f"{HELD} and pid <> {other.info.backend_pid} and pid <> pg_backend_pid()")
        assert not applying.done()
        other.execute("select pg_advisory_unlock(%s)", [key])
        applying.result(30)
    assert applied(owner) == [("1", True)]


def test_locks_of_another_database_are_nobodys_business(owner: Target, database: Target) -> None:
    elsewhere = database.elsewhere(dbname="postgres")
    with bystander(elsewhere) as other:
        other.execute("select pg_advisory_lock(%s)", [locks.OURS])
        up(owner, "1", "select 1", limits=IMPATIENT)
    assert applied(owner) == [("1", True)]


def test_nobody_waits_for_a_lock_within_the_server(owner: Target, database: Target) -> None:
    with site(owner), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(up, owner, "1", "select 1", limits=IMPATIENT)
        while not waiting.done():
            waiters = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            assert ask(database, waiters) == [(0,)]
        with pytest.raises(Busy):
            waiting.result()


def test_a_lock_released_by_a_lost_connection_hides_no_error(owner: Target, database: Target) -> None:
    def lose_it_and_fail() -> None:
        with site(owner) as at:
            ask(database, "select pg_terminate_backend(%s)", at.session.connection.info.backend_pid)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lose_it_and_fail()


def test_a_connection_lost_between_two_acts_is_unavailable_and_no_traceback(
    owner: Target, database: Target
) -> None:
    def lose_it_and_go_on() -> None:
        with connected(owner) as session:
            ask(database, "select pg_terminate_backend(%s)", session.connection.info.backend_pid)
            session.connection.execute("select 1")

    with pytest.raises(Unavailable, match=r"the connection to t_\w+ was lost"):
        lose_it_and_go_on()
