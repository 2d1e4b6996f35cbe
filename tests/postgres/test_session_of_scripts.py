"""What a script does to its session ends with the script: the ledger's row and the next script never see it."""

from time import sleep

import pytest

from pipeline.postgres.connect import connected
from pipeline.postgres.run import bound, together
from pipeline.postgres.target import Target
from tests.support.sites import applied, ask, site

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
    "prepare p as select 1",
    "declare c cursor with hold for select 1",
    "create temporary table leftover (id int)",
]
STATE = """
select (select string_agg(name || '=' || setting, ' ' order by name) from pg_catalog.pg_settings
         where source = 'session' or name ~ '^(role|session_authorization)$')
    || (select count(*) from pg_catalog.pg_prepared_statements) || (select count(*) from pg_catalog.pg_cursors),
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
