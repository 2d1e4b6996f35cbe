"""A promotion that is pointed at another database than the one it is for: refused before the first write."""

from collections.abc import Generator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pipeline.config import pins
from pipeline.errors import Refused
from pipeline.postgres.connect import connected
from pipeline.postgres.target import Target
from pipeline.promotion.request import Request
from pipeline.steps import pin as step
from pipeline.steps.identify import must_be_the_target
from tests.scenarios.refusals import refusal, said
from tests.support.acceptance import Tally
from tests.support.projects import URL, SmallProject, execute, promote, url_of
from tests.support.servers import TestServer, create_database, drop_database
from tests.support.standby import clone, standby

OTHER = "QA_DATABASE_URL"

pytestmark = pytest.mark.acceptance("AT-08")


def pin(small: SmallProject, environment: str = "prod", *, replace: bool = False) -> step.Pinned:
    return step.pin(request(small, environment).context(), replace=replace)


def request(small: SmallProject, environment: str = "prod") -> Request:
    return Request(small.project(), environment, small.environ, "r-pin")


def pointed(small: SmallProject, elsewhere: Target) -> SmallProject:
    """The same project with prod's URL pointing elsewhere, for the superuser too."""
    there = elsewhere.resolve()
    prod = small.prod.elsewhere(host=there["host"], port=there["port"], dbname=there["dbname"])
    return replace(small, prod=prod, admin=elsewhere, environ={**small.environ, URL: url_of(prod)})


@pytest.fixture
def pinned(older: SmallProject) -> SmallProject:
    """A project whose prod is at an older version, with rows, and pinned."""
    pin(older)
    return older


@pytest.fixture
def copied(pinned: SmallProject, server: TestServer) -> Generator[SmallProject]:
    """The same project, pointed at a logical copy of prod beside it: the marker was copied too."""
    name = create_database(server)
    drop_database(server, name)
    with psycopg.connect(
        make_conninfo("", **server.target("postgres").resolve()), autocommit=True
    ) as connection:
        names = (name, pinned.prod.resolve()["dbname"], pinned.prod.resolve()["user"])
        text = "CREATE DATABASE {} TEMPLATE {} OWNER {}"
        connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))
    yield pointed(pinned, server.target(name))
    drop_database(server, name)


@pytest.fixture
def beside(pinned: SmallProject, server: TestServer) -> Generator[Target]:
    """Another database on the same server, of the same role."""
    name = create_database(server)
    user = pinned.prod.resolve()["user"]
    execute(server.target("postgres"), f'ALTER DATABASE "{name}" OWNER TO "{user}"')
    yield server.target(name)
    drop_database(server, name)


def test_swapped_urls(pinned: SmallProject, beside: Target) -> None:
    qa = pinned.prod.elsewhere(dbname=beside.resolve()["dbname"])
    pinned.shape = {**pinned.shape, "qa": {"database": {"url": f"${{{OTHER}}}"}}}
    pinned.configure()
    pinned.environ[OTHER] = url_of(qa)
    pin(pinned, "qa")
    swapped = pointed(pinned, beside)
    swapped.environ[OTHER] = url_of(pinned.prod)
    assert "prod is the database that is pinned as 'qa'" in said(refusal(swapped))
    with pytest.raises(Refused, match="qa is the database that is pinned as 'prod'"):
        pin(swapped, "qa", replace=True)


def test_a_clone_on_its_own(pinned: SmallProject, server: TestServer) -> None:
    with clone(server, pinned.admin) as elsewhere:
        words = said(refusal(pointed(pinned, elsewhere)))
    assert "prod is not the database that was pinned" in words
    assert "endpoint" in words


def test_a_standby(pinned: SmallProject, server: TestServer) -> None:
    with standby(server, pinned.admin) as elsewhere:
        assert "is a standby" in said(refusal(pointed(pinned, elsewhere)))


def test_a_copy_of_prod_as_another_environment(copied: SmallProject) -> None:
    copied.shape["qa"] = copied.shape.pop("prod")
    copied.configure()
    pins.file_of(copied.root).unlink()
    made = promote(copied, "qa")
    assert (made.exit_code, "marked as environment 'prod', not 'qa'" in said(made)) == (3, True)


def test_a_copy_of_prod_beside_it(copied: SmallProject) -> None:
    assert "database oid" in said(refusal(copied))


def test_a_copy_of_prod_that_nobody_pinned_is_known_by_its_marker(copied: SmallProject) -> None:
    pins.file_of(copied.root).unlink()
    assert "carries the marker of 'prod' but is a copy of it" in said(refusal(copied))


def test_a_renamed_database(pinned: SmallProject, server: TestServer) -> None:
    was = pinned.prod.resolve()["dbname"]
    execute(server.target("postgres"), f'ALTER DATABASE "{was}" RENAME TO "{was}_old"')
    try:
        words = said(refusal(pointed(pinned, server.target(f"{was}_old"))))
    finally:
        execute(server.target("postgres"), f'ALTER DATABASE "{was}_old" RENAME TO "{was}"')
    assert f"database {was}_old, pinned {was}" in words


def test_another_database_of_the_same_server(pinned: SmallProject, beside: Target) -> None:
    assert "database oid" in said(refusal(pointed(pinned, beside)))


def test_a_marker_that_somebody_deleted(pinned: SmallProject) -> None:
    pinned.sql("DELETE FROM pipeline.marker")
    words = said(refusal(pinned))
    assert "the marker of this database is gone" in words
    assert "pipeline pin prod --replace" in words


def test_a_marker_that_somebody_copied(pinned: SmallProject, beside: Target) -> None:
    pins.file_of(pinned.root).unlink()
    elsewhere = pointed(pinned, beside)
    assert promote(elsewhere).exit_code == 0
    execute(beside, "DELETE FROM pipeline.marker")
    execute(beside, "INSERT INTO pipeline.marker VALUES ('prod', '7000000000000000000', '16384')")
    assert "is a copy of it" in said(refusal(elsewhere))


def test_what_takes_the_place_of_another_is_pinned_anew(copied: SmallProject) -> None:
    with pytest.raises(Refused, match="prod is not the database that was pinned"):
        pin(copied)
    made = pin(copied, replace=True)
    assert made.identity is not None
    assert made.identity.database == copied.prod.resolve()["dbname"]
    assert promote(copied).exit_code == 0


@pytest.mark.parametrize("server", [18], indirect=True)
def test_the_right_one_is_accepted_every_time(pinned: SmallProject, tally: Tally) -> None:
    context = request(pinned).context()
    for _ in range(100):
        with tally.case(), connected(pinned.prod) as session:
            must_be_the_target(context, session)


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_database_may_be_pinned_before_its_first_promotion(small: SmallProject) -> None:
    made = pin(small)
    assert made.identity == pins.read(small.root)["prod"]
    assert promote(small).exit_code == 0


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_protected_database_that_is_not_pinned_is_said(small: SmallProject) -> None:
    assert [one.hint for one in promote(small).findings if one.rule == "pinned"] == [
        "pipeline pin prod, and commit environments.lock"
    ]
    small.configure(prod={"protected": False})
    assert "pinned" not in [one.rule for one in promote(small).findings]


@pytest.mark.parametrize("server", [18], indirect=True)
@pytest.mark.parametrize("power", ["superuser", "pg_read_server_files"])
def test_a_role_with_power_over_the_server_is_refused_unless_allowed(small: SmallProject, power: str) -> None:
    user = small.prod.resolve()["user"]
    execute(small.admin, f"ALTER ROLE {user} SUPERUSER" if power == "superuser" else f"GRANT {power} TO {user}")
    assert f"has power over the whole server: {power}" in said(refusal(small))
    small.configure(prod={"role": {"allow": [power]}})
    assert promote(small).exit_code == 0
