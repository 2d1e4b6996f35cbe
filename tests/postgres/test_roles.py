"""The roles of one server and their stand-ins on another: names, attributes, memberships and settings."""

from collections.abc import Generator
from dataclasses import replace
from uuid import uuid4

import pytest
from psycopg import sql

from pipeline.postgres.connect import connected
from pipeline.postgres.roles import (
    Role,
    Setting,
    apply_settings,
    create_roles,
    read_roles,
    read_settings,
)
from pipeline.postgres.target import Target
from tests.support.servers import (
    Servers,
    TestServer,
    as_superuser,
    create_database,
    drop_database,
    missing_majors,
)

NOBODY = Role("", False, True, False, False, False, False, ())
ATTRIBUTES = ("superuser", "inherit", "create_role", "create_database", "login", "bypass_row_security")
VALUES = {
    "search_path": '"$user", public, "My schema", "a,b"',
    "DateStyle": "SQL, DMY",
    "statement_timeout": "5s",
    "my.setting": "it's; 100%",
}


@pytest.fixture
def elsewhere(server: TestServer, servers: Servers) -> Generator[Target]:
    """An empty database on another server (of the other major, if there is one)."""
    [other] = [major for major in (15, 18) if major != server.major]
    place = server if other in missing_majors() else servers.get(other)
    name = create_database(place)
    yield place.target(name)
    drop_database(place, name)


@pytest.fixture
def names(servers: Servers) -> Generator[list[str]]:
    """Names that are hard to quote, of roles that are gone afterwards."""
    tail = uuid4().hex[:8]
    made = [f'it\'s "the" team {tail}', f"Ünï; drop table {tail}", f"plain_{tail}"]
    yield made
    for place in servers.running.values():
        with as_superuser(place) as connection:
            for name in made:
                connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(name)))


def test_roles_and_memberships_arrive_as_they_were(
    database: Target, elsewhere: Target, names: list[str]
) -> None:
    team, member, other = names
    made = [
        replace(NOBODY, name=team, create_role=True),
        replace(NOBODY, name=member, login=True, inherit=False, member_of=(team,)),
        replace(NOBODY, name=other, superuser=True, create_database=True, bypass_row_security=True),
    ]
    for target in (database, elsewhere):
        with connected(target) as session:
            create_roles(session, made)
            create_roles(session, made)
            found = [role for role in read_roles(session) if role.name in names]
        assert sorted(found, key=lambda role: role.name) == sorted(made, key=lambda role: role.name)


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_each_attribute_is_kept_on_its_own(elsewhere: Target, names: list[str], attribute: str) -> None:
    role = replace(NOBODY, name=names[0], **{attribute: not getattr(NOBODY, attribute)})
    with connected(elsewhere) as session:
        create_roles(session, [role], password="it's")
        assert role in read_roles(session)


def test_a_role_that_is_there_stays_as_it_is(database: Target, names: list[str]) -> None:
    role = replace(NOBODY, name=names[0], login=True)
    with connected(database) as session:
        create_roles(session, [role])
        create_roles(session, [replace(role, login=False, superuser=True)])
        assert role in read_roles(session)


def test_memberships_in_predefined_roles_arrive(database: Target, names: list[str]) -> None:
    role = replace(NOBODY, name=names[0], member_of=("pg_read_all_data",))
    with connected(database) as session:
        create_roles(session, [role])
        assert role in read_roles(session)


def test_settings_of_roles_and_databases_arrive_as_they_were(
    database: Target, elsewhere: Target, names: list[str]
) -> None:
    role = names[0]
    wanted = {
        Setting(subject, this_database, name, value)
        for name, value in VALUES.items()
        for subject, this_database in ((role, True), (role, False), ("", True))
    }
    for target in (database, elsewhere):
        with connected(target) as session:
            create_roles(session, [replace(NOBODY, name=role, login=True)])
            apply_settings(session, sorted(wanted, key=str), database=target.resolve()["dbname"])
            assert {found for found in read_settings(session) if found.role in ("", role)} == wanted
    with connected(elsewhere.elsewhere(user=role)) as session:
        assert session.search_path == VALUES["search_path"]
        assert session.connection.execute("show my.setting").fetchone() == (VALUES["my.setting"],)


def test_an_empty_search_path_stays_empty(database: Target) -> None:
    setting = Setting("", True, "search_path", '""')
    with connected(database) as session:
        apply_settings(session, [setting], database=database.resolve()["dbname"])
        assert read_settings(session) == (setting,)


def test_settings_of_another_database_are_not_read(database: Target, server: TestServer) -> None:
    name = create_database(server)
    with connected(database) as session:
        apply_settings(session, [Setting("", True, "work_mem", "8MB")], database=name)
        assert read_settings(session) == ()
    drop_database(server, name)
