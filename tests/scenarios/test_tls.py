"""A production database that lets nobody in but over TLS: us, pg_dump, and the real tools in our place."""

from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from pipeline.proof import Evidence, Outcome
from tests.support import real_flyway, real_migrate
from tests.support.projects import URL, SmallProject, ask, everything, promote
from tests.support.servers import as_superuser, create_database, create_owner
from tests.support.tls import CERTIFIED, Secured, secured

MAJOR = 15
"""Of the servers here, the one that is built with TLS."""
UP, DOWN = "CREATE TABLE people (id bigint PRIMARY KEY);", "DROP TABLE people;"
FILES: Mapping[str, Mapping[str, str]] = {
    "flyway": {"V1__people.sql": UP, "U1__people.sql": DOWN},
    "golang-migrate": {"1_people.up.sql": UP, "1_people.down.sql": DOWN},
    "prisma": {"20240101000000_people/migration.sql": UP, "20240101000000_people/down.sql": DOWN},
}
VERIFIED = {"sslmode": "verify-full", "sslrootcert": "ca.pem"}
BY_CERTIFICATE = {**VERIFIED, "sslcert": "role.pem", "sslkey": "role.key"}
ELSEWHERE = "db.example.test"
"""A name that is in the server's certificate, and in no directory of names."""

pytestmark = [pytest.mark.timeout(300), pytest.mark.parametrize("server", [MAJOR], indirect=True)]


@pytest.fixture(scope="session")
def tls(server: object, state: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Secured]:
    del server  # it says that this machine lacks the major
    with secured(MAJOR, state=state, folder=tmp_path_factory.mktemp("tls")) as made:
        yield made


@pytest.fixture
def moved(small: SmallProject, tls: Secured, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    """The project with its prod behind TLS, in the folder of the certificates: their paths are relative."""
    monkeypatch.chdir(tls.folder)
    small.release("flyway", FILES["flyway"])
    return small


def reach(small: SmallProject, tls: Secured, host: str = "localhost", **asked: str) -> None:
    """A new prod, and the URL by which it is reached."""
    name = create_database(tls.server)
    role = create_owner(tls.server, name)
    if "sslkey" in asked:
        with as_superuser(tls.server) as connection:
            connection.execute(f"ALTER DATABASE {name} OWNER TO {CERTIFIED}".encode())
        role = CERTIFIED
    small.admin = tls.server.target(name)
    small.environ[URL] = tls.url(role, name, host=host, **asked)


def steps(made: Evidence) -> list[str]:
    return [step.name for step in made.steps]


def why(made: Evidence) -> str:
    assert made.stopped is not None
    return f"{made.stopped.what} {made.stopped.why} {made.stopped.todo}"


@pytest.mark.parametrize(
    "asked", [{}, VERIFIED, BY_CERTIFICATE], ids=["as found", "verified", "by certificate"]
)
def test_a_whole_promotion_goes_over_tls_its_backup_too(
    moved: SmallProject, tls: Secured, asked: dict[str, str]
) -> None:
    reach(moved, tls, **asked)
    made = promote(moved)
    assert made.outcome is Outcome.PROMOTED, why(made)
    assert all(claim.holds for claim in made.claims)
    assert ask(moved.admin, "SELECT count(*) FROM people") == 0


def test_a_server_elsewhere_is_verified_by_the_ca_file_that_the_environment_names(
    moved: SmallProject, tls: Secured
) -> None:
    reach(moved, tls, ELSEWHERE, hostaddr="127.0.0.1")
    moved.shape["prod"]["database"] = {"url": f"${{{URL}}}", "tls": str(tls.authority)}
    moved.configure()
    assert promote(moved).outcome is Outcome.PROMOTED


@pytest.mark.parametrize(
    ("host", "ca", "said"),
    [
        (ELSEWHERE, "other.pem", "certificate verify failed"),
        ("impostor.example.test", "ca.pem", "does not match"),
    ],
    ids=["signed by somebody else", "of another name"],
)
def test_a_server_that_cannot_be_verified_is_told_nothing(
    moved: SmallProject, tls: Secured, host: str, ca: str, said: str
) -> None:
    reach(moved, tls, host, hostaddr="127.0.0.1")
    moved.shape["prod"]["database"] = {"url": f"${{{URL}}}", "tls": str(tls.folder / ca)}
    moved.configure()
    before = everything(moved.admin)
    made = promote(moved)
    assert (made.exit_code, said in why(made)) == (69, True), why(made)
    assert steps(made) == ["validate"]
    assert everything(moved.admin) == before


PROGRAMS = [
    pytest.param("flyway", marks=pytest.mark.flyway),
    pytest.param("golang-migrate", marks=pytest.mark.migrate),
]


@pytest.mark.parametrize(
    "asked", [{}, VERIFIED, BY_CERTIFICATE], ids=["as found", "verified", "by certificate"]
)
@pytest.mark.parametrize("format_name", PROGRAMS)
def test_the_real_tool_goes_the_same_way(
    moved: SmallProject, tls: Secured, format_name: str, asked: dict[str, str]
) -> None:
    reach(moved, tls, **asked)
    program = real_flyway.program() if format_name == "flyway" else real_migrate.program()
    moved.applied_by(program or "")
    moved.release(format_name, FILES[format_name])
    made = promote(moved)
    assert made.outcome is Outcome.PROMOTED, why(made)
    assert ask(moved.admin, "SELECT count(*) FROM people") == 0


@pytest.mark.parametrize(
    ("format_name", "key", "said"),
    [
        ("flyway", "bare.key", "a bare EC one, and not PKCS #8"),
        ("prisma", "role.key", "a client certificate cannot be given to Prisma"),
    ],
)
def test_a_key_that_the_tool_cannot_read_is_told_before_anything_is_done(
    moved: SmallProject, tls: Secured, format_name: str, key: str, said: str
) -> None:
    reach(moved, tls, **{**BY_CERTIFICATE, "sslkey": key})
    moved.applied_by("true")
    moved.release(format_name, FILES[format_name])
    made = promote(moved)
    assert (made.exit_code, said in why(made)) == (69, True), why(made)
    assert steps(made) == ["validate", "runner", "connect"]
