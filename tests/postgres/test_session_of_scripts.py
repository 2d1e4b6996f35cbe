"""What a script does to its session ends with the script: the ledger's row and the next script never see it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest

from pipeline.errors import Busy, Failed, NeedsHuman, Refused
from pipeline.postgres import locks
from pipeline.postgres.connect import connected
from pipeline.postgres.executor import Executor
from pipeline.postgres.run import bound, together
from pipeline.postgres.target import Target
from pipeline.postgres.work import Part
from pipeline.sql.split import split
from tests.support.builders import migration
from tests.support.sites import applied, ask, bystander, indexes, site

LEAKS = [
    "set search_path = pg_temp",
    "set local search_path = evil, pg_catalog",
    "set statement_timeout = '1ms'",
    "set lock_timeout = '1ms'",
    "set idle_session_timeout = '1ms'",
    "set local statement_timeout = '1ms'",
    "set default_transaction_isolation = 'serializable'",
    "set default_transaction_read_only = on",
    "set timezone = 'Asia/Kathmandu'",
    "set check_function_bodies = off",
    "set synchronous_commit = off",
    "set my.own = 'x'",
    "reset all",
    "deallocate all",
    "select pg_catalog.set_config('search_path', 'pg_temp', false)",
    "declare c cursor with hold for select 1",
    "create temporary table leftover (id int)",
]
STATE = """
select (select string_agg(name || '=' || setting, ' ' order by name) from pg_catalog.pg_settings
         where source = 'session' or name ~ '^(role|session_authorization)$')
    || (select count(*) from pg_catalog.pg_cursors),
       current_user, session_user
"""


@pytest.mark.parametrize("leak", LEAKS)
def test_a_setting_does_not_outlive_its_script(owner: Target, leak: str) -> None:
    with site(owner) as at:
        at.up("1", "select 1")
        before = at.ask(STATE)
        at.up("2", leak)
        assert at.ask(STATE) == before
        at.up("3", "create temporary table leftover (id int)")
    assert applied(owner) == [("1", True), ("2", True), ("3", True)]


ALONE = "create index concurrently on a (id)"


@pytest.mark.parametrize("between", ["select 1", "create table b (id int)", ALONE])
def test_a_prepared_statement_is_not_there_for_later_scripts(owner: Target, between: str) -> None:
    with site(owner) as at:
        at.up("1", "create table a (id int)")
        at.up("2", "prepare p as select 1")
        at.up("3", between)
        at.up("4", "create table c as select 1")
        at.up("5", "prepare p as select 2; create table names as select name from pg_prepared_statements")
        assert ask(owner, "select name from names") == [("p",)]


@pytest.mark.parametrize("change", ["set role {}", "set local role {}", "set session authorization {}"])
def test_another_role_neither_writes_the_row_nor_stays(database: Target, owner: Target, change: str) -> None:
    other = owner.resolve()["user"]
    ask(database, f'grant all on schema public to "{other}"')
    with site(database) as at:
        at.up("1", change.format(f'"{other}"') + "; create table mine (id int)")
        assert at.ask("select current_user, session_user") == [("postgres", "postgres")]
    assert ask(database, "select tableowner from pg_tables where tablename = 'mine'") == [(other,)]
    assert ask(database, "select installed_by from flyway_schema_history") == [("postgres",)]


def test_operators_of_a_script_do_not_judge_our_own_commands(owner: Target) -> None:
    with site(owner) as at:
        at.up(
            "1",
            "create schema evil; create function evil.lie(bigint, integer) returns bigint"
            " language plpgsql immutable as $$ begin raise 'evil'; end $$;"
            " create operator evil.<< (leftarg = bigint, rightarg = integer, function = evil.lie)",
        )
        at.up("2", "set search_path = evil, pg_catalog")
    assert applied(owner) == [("1", True), ("2", True)]


def test_a_script_finds_its_names_in_the_managed_schemas_first(owner: Target, database: Target) -> None:
    ask(database, f'alter role "{owner.resolve()["user"]}" set search_path = elsewhere')
    with site(owner) as at:
        at.up("1", "create schema elsewhere; create table here (id int); create table elsewhere.there (id int)")
        at.up("2", "alter table here add n int; alter table there add n int")
    assert ask(database, "select to_regclass('public.here') is not null") == [(True,)]


HURDLES = ("statement_timeout = '300ms'", "lock_timeout = '1ms'", "idle_session_timeout = '100ms'",
           "idle_in_transaction_session_timeout = '100ms'", "default_transaction_isolation = 'serializable'",
           "synchronous_commit = off")  # fmt: skip


@pytest.mark.parametrize("hurdle", HURDLES)
def test_what_the_role_would_have_does_no_harm(owner: Target, database: Target, hurdle: str) -> None:
    ask(database, f'alter role "{owner.resolve()["user"]}" set {hurdle}')
    with site(owner) as at:
        at.up("1", "create table a (id int); select pg_catalog.pg_sleep(0.5)")
        at.up("2", "set timezone = 'UTC'")
        at.session.connection.execute("select pg_catalog.pg_sleep(0.5)")
        with at.session.connection.transaction():
            sleep(0.3)
        sleep(0.3)
        assert applied(owner) == [("1", True), ("2", True)]
        at.up("3", "select pg_catalog.pg_sleep(0.5)")
    assert len(applied(owner)) == 3


def test_a_role_that_acts_as_another_does_so_after_every_script(owner: Target, database: Target) -> None:
    user = owner.resolve()["user"]
    ask(database, f'alter role "{user}" set role = pg_monitor; grant pg_monitor to "{user}"')
    with connected(owner) as session:
        assert session.connection.execute("select current_user").fetchone() == ("pg_monitor",)
        session.connection.execute("set role none")
        together(session.connection, bound(session.connection, *session.afresh))
        assert session.connection.execute("select current_user, session_user").fetchone() == (
            "pg_monitor",
            user,
        )


def test_each_statement_sees_what_others_have_committed_by_then(owner: Target, database: Target) -> None:
    ask(database, f'alter role "{owner.resolve()["user"]}" set default_transaction_isolation = serializable')
    with site(owner) as at:
        at.up("1", "create table level as select current_setting('transaction_isolation') as name")
    assert ask(database, "select name from level") == [("read committed",)]


HIDDEN_CHANGE = "do $$ begin alter table a add n int; end $$;"


def test_a_query_that_is_repeated_may_change_what_it_returns(owner: Target) -> None:
    with site(owner) as at:
        at.up("1", f"create table a (); {'select * from a;' * 7} {HIDDEN_CHANGE} select * from a")
    assert applied(owner) == [("1", True)]


def test_waits_for_locks_and_commits_are_ours_to_set_whatever_the_role_has(
    owner: Target, database: Target
) -> None:
    user = owner.resolve()["user"]
    ask(database, f'alter role "{user}" set lock_timeout = 1; alter role "{user}" set synchronous_commit = off')
    with connected(owner) as session:
        shown = "select current_setting('lock_timeout'), current_setting('synchronous_commit')"
        assert session.connection.execute(shown).fetchone() == ("10s", "on")


LOCKS = """
select pg_advisory_lock(42), pg_advisory_lock(42), pg_advisory_lock(-42), pg_advisory_lock_shared(7),
       pg_advisory_lock(-1, 2), pg_advisory_lock_shared(1, -2), pg_advisory_xact_lock(9),
       pg_advisory_xact_lock(3, 4)
"""
HELD = """
select (classid::bigint << 32) | objid::bigint from pg_locks
 where locktype = 'advisory' and granted
   and pid in (select pid from pg_stat_activity where application_name = 'pipeline test')
"""


FORMAT_NAMES = ["flyway", "prisma", "golang-migrate"]


@pytest.mark.parametrize("format_name", FORMAT_NAMES)
def test_locks_that_a_script_keeps_are_released_before_the_next_and_ours_is_not(
    database: Target, format_name: str
) -> None:
    with site(database, format_name) as at:
        at.up("1", LOCKS)
        at.up("2", f"create table seen as {HELD}")
        assert sorted(ask(database, "select * from seen")) == sorted([(locks.OURS,), (at.work.key,)])
        assert ask(database, HELD) == [(locks.OURS,)]


@pytest.mark.parametrize("format_name", FORMAT_NAMES)
def test_locks_that_a_script_keeps_are_released_before_a_build_and_ours_is_not(
    database: Target, format_name: str
) -> None:
    with site(database, format_name) as at:
        at.up("1", f"create table t (n int); {LOCKS}; select pg_advisory_lock(-2, -2)")
        at.up("2", "create index concurrently i on t (n)")
        assert ask(database, HELD) == [(locks.OURS,)]


def test_locks_that_the_last_script_keeps_are_released_behind_it_and_ours_is_not(database: Target) -> None:
    with site(database) as at:
        at.up("1", LOCKS)
        Executor(at.work).end()
        assert ask(database, HELD) == [(locks.OURS,)]


def test_nobody_gets_our_lock_while_we_look_whether_it_is_still_ours(owner: Target) -> None:
    asks = f"select pg_try_advisory_lock({locks.OURS})".encode()
    with site(owner) as at, bystander(owner) as rival, ThreadPoolExecutor(1) as pool:
        at.up("1", "select 1")
        done = Event()

        def got() -> bool:
            while not done.is_set():
                if rival.execute(asks).fetchone() == (True,):
                    return True
            return False

        asking = pool.submit(got)
        try:
            for version in range(2, 60):
                at.up(str(version), "select 1")
        finally:
            done.set()
        assert not asking.result()


def test_a_channel_that_a_script_listens_to_is_left_after_it(owner: Target) -> None:
    with site(owner) as at:
        at.up("1", "listen gossip")
        assert at.ask("select pg_listening_channels()") == []


def test_a_temporary_table_is_not_there_for_a_script_outside_a_transaction(owner: Target) -> None:
    with site(owner) as at:
        at.up("1", "create table t (n int); create temporary table pg_temp.t (other int)")
        at.up("2", "create index concurrently i on t (n)")
    assert indexes(owner) == {"i": True}


JUDGE = f"""
create table judged (had_lock bool);
create function judge() returns trigger language plpgsql security definer set search_path = public, pg_catalog
as $$ begin
    insert into judged select exists (
        select from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid()
           and (classid::bigint << 32) | objid::bigint = {locks.OURS});
    return new;
end $$;
create trigger judge before insert or update on flyway_schema_history for each row execute function judge();
"""
COMMITS = "create procedure commits() language plpgsql as $$ begin create table half (); commit; end $$;"
HOSTILE = {
    "commit": "create table half (); commit; create table rest ()",
    "rollback": "create table half (); rollback; create table rest ()",
    "begin": "begin; create table half (); commit; begin; create table rest (); commit",
    "commit and chain": "create table half (); commit and chain; create table rest ()",
    "commit in DO": "do $$ begin create table half (); commit; end $$; create table rest ()",
    "commit in a procedure": "call commits(); create table rest ()",
    "another role": "set role other; create table rest ()",
    "reset all": "reset all; create table rest ()",
    "discard all": "discard all",
    "unlock all": "create table half (); select pg_advisory_unlock_all()",
    "unlock all, then a lock": f"select pg_advisory_unlock_all(); select pg_advisory_lock({locks.OURS})",
    "unlock all and commit": "create table half (); select pg_advisory_unlock_all(); commit",
    "search path": "create table rest (); set search_path = nowhere",
    "statement timeout": "create table rest (); set statement_timeout = 1; set lock_timeout = 1",
    "session timeout": "create table rest (); set idle_session_timeout = 1",
}


@pytest.mark.acceptance("AT-18")
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_no_row_is_written_without_our_lock_and_a_refused_script_has_none(
    owner: Target, database: Target, hostile: str
) -> None:
    user = owner.resolve()["user"]
    ask(database, f"alter role \"{user}\" set statement_timeout = '1s'")
    ask(database, f'create role other; grant other to "{user}"; grant create on schema public to other')
    try:
        with site(owner) as at:
            at.up("1", COMMITS)
            ask(database, JUDGE)
            at.up("2", hostile)
            at.up("3", "create table last ()")
    except (Failed, NeedsHuman, Refused):
        pass
    finally:
        ask(database, "reassign owned by other to postgres; drop owned by other; drop role other")
    rows = applied(owner)
    assert rows in ([("1", True)], [("1", True), ("2", True), ("3", True)])
    assert ask(database, "select had_lock from judged") == [(True,)] * (len(rows) - 1)


def test_the_judge_of_locks_sees_a_row_that_is_written_without_one(owner: Target, database: Target) -> None:
    with site(owner) as at:
        at.up("1", COMMITS)
    ask(database, JUDGE)
    ask(database, "update flyway_schema_history set description = 'x'")
    assert ask(database, "select had_lock from judged") == [(False,)]


def test_a_run_that_lost_our_lock_to_another_does_not_go_on(owner: Target, database: Target) -> None:
    with site(owner) as at, bystander(database) as rival:
        at.up("1", "create table a (n int)")
        at.ask(f"select pg_advisory_unlock({locks.OURS})")
        rival.execute(f"select pg_advisory_lock({locks.OURS})".encode())
        with pytest.raises(Busy, match="our own lock is held by somebody else"):
            at.up("2", "create table b (n int)")
    assert applied(owner) == [("1", True)]


def test_a_callback_that_releases_our_lock_is_rolled_back(owner: Target, database: Target) -> None:
    script = "create table a (n int); select pg_advisory_unlock_all()"
    with site(owner) as at, pytest.raises(Failed, match="released our lock"):
        Executor(at.work).call(Part(migration("1", script).up, split(script)))
    assert ask(database, "select to_regclass('public.a') is null") == [(True,)]
