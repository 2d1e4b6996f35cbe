"""Options, markers and the fixtures that reach a server; which parts of the machine tests found or miss."""

import os
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from pipeline.postgres.target import Target
from tests.support import acceptance
from tests.support import servers as support
from tests.support.clock import missing_compiler
from tests.support.docker_engine import missing_docker, use_the_tests_own_engine
from tests.support.pgbouncer import missing_pgbouncer
from tests.support.real_flyway import missing_flyway
from tests.support.real_migrate import missing_migrate
from tests.support.real_prisma import missing_prisma
from tests.support.servers import Servers, TestServer
from tests.support.strace import missing_strace
from tests.support.torture import tortured

PARTS: Mapping[str, Callable[[], str | None]] = {
    "docker": missing_docker,
    "pgbouncer": missing_pgbouncer,
    "strace": missing_strace,
    "compiler": missing_compiler,
    "flyway": missing_flyway,
    "migrate": missing_migrate,
    "prisma": missing_prisma,
}
"""What a machine may lack beside servers, and why it does; a marker of that name skips what needs it."""

failed_key = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-all",
        action="store_true",
        default=os.environ.get("PIPELINE_REQUIRE_ALL") == "1",
        help=f"a missing part (PostgreSQL 15, {', '.join(PARTS)}) fails its tests, not skips them",
    )


def pytest_configure() -> None:
    use_the_tests_own_engine()
    settings.register_profile("untimed", deadline=None)  # a machine that is busy fails nothing
    settings.load_profile("untimed")


def pytest_report_header(config: pytest.Config) -> list[str]:
    missing = support.missing_majors(support.SCHEMA_MAJORS)
    found = [
        str(support.choose(major, os.environ).version)
        for major in support.SCHEMA_MAJORS
        if major not in missing
    ]
    lines = [f"postgres: {', '.join(found) or 'none'}"]
    lacking = {name: reason for name, reason_of in PARTS.items() if (reason := reason_of())}
    lines += [f"{name}: {lacking.get(name, 'found')}" for name in PARTS]
    if missing or lacking:
        verdict = "fail (--require-all)" if config.getoption("--require-all") else "are skipped"
        lines.append(f"missing parts: their tests {verdict}")
    return lines + [f"missing PostgreSQL {major}: {reason}" for major, reason in missing.items()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what only the torture asks to the torture."""
    if not tortured():
        left = [item for item in items if item.get_closest_marker("torture")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for name, missing in PARTS.items():
        if item.get_closest_marker(name) and (reason := missing()):
            lack(item.config, reason)
    if item.get_closest_marker("pg15") and (reason := support.missing_majors().get(15)):
        lack(item.config, reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[failed_key] = True
    acceptance.note(item, report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    outcomes = ("passed", "failed")
    reports = [one for outcome in outcomes for one in terminalreporter.getreports(outcome)]
    if lines := acceptance.summary(one for one in reports if isinstance(one, pytest.TestReport)):
        terminalreporter.section("acceptance tests of reliability: cases that held")
        terminalreporter.write_line("\n".join(lines))


def lack(config: pytest.Config, reason: str) -> None:
    """A part is missing: a failure where everything is demanded, else a skip that says so."""
    if config.getoption("--require-all"):
        pytest.fail(f"missing part: {reason}", pytrace=False)
    pytest.skip(f"missing part: {reason}")


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> acceptance.Tally:
    """The figures of a test that has many cases."""
    return request.node.stash.setdefault(acceptance.tally_key, acceptance.Tally())


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder that the test processes of this run share, so that they prepare data only once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "state"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def servers(state: Path) -> Generator[Servers]:
    """The servers of this test process, by major."""
    running = Servers(state)
    yield running
    running.close()


@pytest.fixture(scope="session", params=support.WANTED_MAJORS, ids=lambda major: f"pg{major}")
def server(request: pytest.FixtureRequest, servers: Servers) -> TestServer:
    """A running server, once for each major; ``parametrize("server", [18], indirect=True)`` picks one."""
    major = int(request.param)
    if reason := support.missing_majors([major]).get(major):
        lack(request.config, reason)
    return servers.get(major)


@pytest.fixture
def database(request: pytest.FixtureRequest, server: TestServer) -> Generator[Target]:
    """A fresh, empty database, as superuser; it stays (until the server ends) when the test failed."""
    name = support.create_database(server)
    target = server.target(name)
    yield target
    if request.node.stash.get(failed_key, False):
        print(f"kept: psql -h {target.resolve()['host']} -U {server.superuser} {name}")  # noqa: T201
    else:
        support.drop_database(server, name)


@pytest.fixture
def owner(database: Target, server: TestServer) -> Target:
    """The same database as its owner: a login role that is no superuser and may create nothing else."""
    return database.elsewhere(user=support.create_owner(server, database.resolve()["dbname"]))
