"""The same promotion, with the real flyway, prisma or migrate in our place."""

import json
import os
from collections.abc import Generator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.findings import ClaimName, Evidence, Outcome
from pipeline.throwaway import embedded
from tests.support import real_flyway, real_migrate, real_prisma
from tests.support.projects import URL, SmallProject, ask, promote, state_of
from tests.support.servers import TestServer, as_superuser, create_database, create_owner, recreate_database

REQUIRED = [claim.value for claim in ClaimName if claim is not ClaimName.SAFE_ON_THE_ROAD]
UP = ("CREATE TABLE people (id bigint PRIMARY KEY, email text);", "ALTER TABLE people ADD COLUMN fax text;")
DOWN = ("DROP TABLE people;", "ALTER TABLE people DROP COLUMN fax;")
BAD = "CREATE TABLE half (); SELECT 1 / 0;"
FILES: Mapping[str, tuple[str, str]] = {
    "flyway": ("V{0}__m{0}.sql", "U{0}__m{0}.sql"),
    "prisma": ("2024010{0}000000_m{0}/migration.sql", "2024010{0}000000_m{0}/down.sql"),
    "golang-migrate": ("{0}_m{0}.up.sql", "{0}_m{0}.down.sql"),
}


def files(format_name: str, ups: tuple[str, ...] = UP) -> Mapping[str, str]:
    up, down = FILES[format_name]
    made = {up.format(number): text for number, text in enumerate(ups, start=1)}
    return made | {down.format(number): text for number, text in enumerate(DOWN[: len(ups)], start=1)}


@pytest.fixture(scope="session")
def by_tcp(state: Path) -> Generator[TestServer]:
    """A server that programs reach that know no sockets."""
    with embedded.start(18, state=state, environ=os.environ, tcp=True) as made:
        yield TestServer(made.home, made.installation, made.sockets, made.users, door=made.door)


def moved(small: SmallProject, by_tcp: TestServer) -> SmallProject:
    """The project with another prod, which Flyway can reach."""
    name = create_database(by_tcp)
    role = create_owner(by_tcp, name)
    assert by_tcp.door is not None
    with as_superuser(by_tcp) as connection:
        connection.execute(f"ALTER ROLE {role} PASSWORD '{by_tcp.door.password}'".encode())
    small.prod, small.admin = by_tcp.target(name, role), by_tcp.target(name)
    where = small.prod.resolve()
    secret = quote(where["password"], safe="")
    small.environ[URL] = f"postgresql://{role}:{secret}@{where['host']}:{where['port']}/{name}?sslmode=disable"
    return small


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path, small: SmallProject) -> SmallProject:
    """With the format that the test names."""
    if request.param == "flyway":
        by_tcp = request.getfixturevalue("by_tcp")
        return prepared(moved(small, by_tcp), "flyway", real_flyway.program())
    program = real_prisma.program(tmp_path) if request.param == "prisma" else Path(real_migrate.program() or "")
    return prepared(small, request.param, program)


def prepared(small: SmallProject, format_name: str, program: Path) -> SmallProject:
    small.shape["prod"]["require"] = list(REQUIRED)
    small.how = {"runner": "tool", "program": str(program)}
    small.release(format_name, files(format_name))
    return small


WITH_EACH = [
    pytest.param("flyway", marks=pytest.mark.flyway),
    pytest.param("prisma", marks=pytest.mark.prisma),
    pytest.param("golang-migrate", marks=pytest.mark.migrate),
]
each = pytest.mark.parametrize("project", WITH_EACH, indirect=True)
on_18 = pytest.mark.parametrize("server", [18], indirect=True)


def why(made: Evidence) -> str:
    assert made.stopped is not None
    return f"{made.stopped.what} {made.stopped.why} {made.stopped.todo}"


@on_18
@each
def test_a_whole_promotion_is_proved_but_for_what_nobody_measured(project: SmallProject) -> None:
    made = promote(project)
    assert (made.outcome, made.exit_code) == (Outcome.PROMOTED, 0), made.stopped
    assert {claim.name.value: claim.holds for claim in made.claims} == {
        **dict.fromkeys(REQUIRED, True),
        "safe_on_the_road": None,
    }
    assert ask(project.prod, "SELECT fax FROM people") is None
    assert promote(project).outcome is Outcome.NOTHING_TO_DO
    written = json.loads((project.evidence / made.run_id / "evidence.json").read_text())
    ran = {step["name"]: step["programs"] for step in written["steps"] if step["programs"]}
    assert {name: len(programs) for name, programs in ran.items()} == {"rehearse": 4, "apply": 2}
    assert all(one["exit_code"] == 0 and one["output"] for one in ran["apply"])


@on_18
@each
def test_it_ends_as_if_we_had_applied_it(
    project: SmallProject, server: TestServer, request: pytest.FixtureRequest
) -> None:
    assert promote(project).exit_code == 0
    by_tool = state_of(project.prod, project.format)
    where = request.getfixturevalue("by_tcp") if project.format == "flyway" else server
    recreate_database(where, project.prod.resolve()["dbname"])
    project.how = {}
    project.configure()
    assert promote(project).exit_code == 0
    assert state_of(project.prod, project.format) == by_tool


@on_18
@each
def test_a_migration_that_fails_is_refused_in_the_rehearsal_with_what_was_said(project: SmallProject) -> None:
    project.release(project.format, files(project.format, (*UP[:1], BAD)))
    made = promote(project)
    assert (made.outcome, made.exit_code) == (Outcome.REFUSED, 3)
    assert "division by zero" in why(made)
    assert ask(project.prod, "SELECT to_regclass('people')") is None
