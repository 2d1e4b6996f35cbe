"""A target proves who it is before anything is written to it."""

import pytest

from pipeline.errors import Refused
from pipeline.postgres.books import Books
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.identity import identify, must_be, settings
from pipeline.postgres.marker import must_be_marked, open_marked
from pipeline.postgres.target import Target
from tests.support.servers import TestServer, create_database, drop_database
from tests.support.sites import ask
from tests.support.standby import standby

LEDGER = ("public", "flyway_schema_history")


def mark(target: Target, environment: str) -> None:
    with connected(target) as session:
        open_marked(Books(session, "run-1", LEDGER), identify(session), environment)


def check(session: Session, environment: str, database: str | None = None) -> None:
    identity = identify(session)
    must_be(identity, label=environment, database=database)
    must_be_marked(session, identity, environment)


def test_a_database_presents_itself(owner: Target, server: TestServer) -> None:
    with connected(owner) as session:
        identity = identify(session)
        check(session, "prod", owner.resolve()["dbname"])
    assert identity.database == owner.resolve()["dbname"]
    assert (identity.role, identity.owner) == (owner.resolve()["user"],) * 2
    assert (identity.powers, identity.owns_database, identity.may_create_schema) == ([], True, True)
    assert (identity.major, identity.in_recovery, identity.encoding) == (server.major, False, "UTF8")
    assert int(identity.system_identifier) > 0


def test_the_wrong_database_is_refused(database: Target) -> None:
    with (
        connected(database) as session,
        pytest.raises(Refused, match=r"prod is the database .*, expected 'shop'"),
    ):
        check(session, "prod", "shop")


def test_the_wrong_server_is_refused(database: Target) -> None:
    with connected(database) as session:
        identity = identify(session)
        must_be(identity, label="prod", system_identifier=identity.system_identifier)
        with pytest.raises(Refused, match=r"prod is on the server \d+, expected 7000000000000000000"):
            must_be(identity, label="prod", system_identifier="7000000000000000000")


def test_a_standby_is_refused(database: Target, server: TestServer) -> None:
    mark(database, "prod")
    with standby(server, database) as target, connected(target) as session:
        with pytest.raises(Refused, match=r"prod is a standby \(in recovery\)"):
            check(session, "prod")
        assert identify(session).system_identifier


def test_the_database_of_another_environment_is_refused(database: Target) -> None:
    mark(database, "staging")
    with connected(database) as session:
        with pytest.raises(Refused, match="marked as environment 'staging', not 'prod'"):
            check(session, "prod")
        check(session, "staging")


def test_a_copy_of_a_marked_database_is_refused(database: Target, server: TestServer) -> None:
    mark(database, "prod")
    name = create_database(server)
    drop_database(server, name)
    ask(
        database.elsewhere(dbname="postgres"), f"create database {name} template {database.resolve()['dbname']}"
    )
    copy = database.elsewhere(dbname=name)
    with connected(copy) as session, pytest.raises(Refused, match="is a copy of it") as refusal:
        check(session, "prod")
    assert "pipeline pin prod --replace" in str(refusal.value.todo)
    with connected(copy) as session:
        open_marked(Books(session, "run-2", LEDGER), identify(session), "prod", replace=True)
        check(session, "prod")
    drop_database(server, name)


def test_a_marker_that_is_gone_is_missed(database: Target) -> None:
    mark(database, "prod")
    ask(database, "delete from pipeline.marker")
    with connected(database) as session, pytest.raises(Refused, match="the marker of this database is gone"):
        check(session, "prod")


POWERS = {
    "superuser": "alter role {} superuser",
    "pg_execute_server_program": "grant pg_execute_server_program to {}",
    "pg_read_server_files": "grant pg_read_server_files to {}",
    "pg_write_server_files": "grant pg_write_server_files to {}",
}


@pytest.mark.parametrize("power", POWERS)
def test_a_power_over_the_server_is_known(owner: Target, database: Target, power: str) -> None:
    ask(database, POWERS[power].format(owner.resolve()["user"]))
    with connected(owner) as session:
        assert identify(session).powers == [power]


def test_a_power_of_who_logged_in_counts_too(owner: Target, database: Target) -> None:
    with connected(database.elsewhere(options=f"-c role={owner.resolve()['user']}")) as session:
        identity = identify(session)
    assert (identity.role, identity.powers) == (owner.resolve()["user"], ["superuser"])


def test_a_server_that_does_not_tell_its_identifier_is_known_by_the_rest(
    owner: Target, database: Target
) -> None:
    ask(database, "revoke execute on function pg_catalog.pg_control_system() from public")
    with connected(owner) as session:
        identity = identify(session)
        assert identity.system_identifier == ""
        must_be(identity, label="prod")
        with pytest.raises(Refused, match="prod is on the server unknown"):
            must_be(identity, label="prod", system_identifier="7000000000000000000")


def test_a_second_mark_changes_nothing(database: Target) -> None:
    mark(database, "prod")
    mark(database, "staging")
    assert ask(database, "select environment from pipeline.marker") == [("prod",)]


def test_the_settings_that_matter_are_the_sessions(database: Target) -> None:
    ask(database, f'alter database {database.resolve()["dbname"]} set datestyle = "SQL, DMY"')
    with connected(database) as session:
        found = settings(session)
    assert found["DateStyle"] == "SQL, DMY"
    assert found["server_encoding"] == "UTF8"
