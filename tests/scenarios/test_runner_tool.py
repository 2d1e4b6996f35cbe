"""The same promotion, with the real flyway, prisma or migrate in our place."""

import json
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import pytest

from pipeline.errors import NeedsHuman
from pipeline.findings import ClaimName
from pipeline.progress import StepResult
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from pipeline.promotion.run import preview
from pipeline.proof import Evidence, Outcome
from pipeline.steps.examine import Checkup, examine
from tests.support import real_flyway, real_migrate, real_prisma
from tests.support.evidence_shape import complaints
from tests.support.projects import URL, At, SmallProject, ask, promote, state_of
from tests.support.servers import TestServer, create_database, create_owner, recreate_database, started
from tests.support.sites import bystander

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
    with started(18, state, tcp=True) as server:
        yield server


def moved(small: SmallProject, by_tcp: TestServer) -> SmallProject:
    """The project with another prod, which Flyway can reach."""
    name = create_database(by_tcp)
    role = create_owner(by_tcp, name)
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
    small.applied_by(program)
    small.release(format_name, files(format_name))
    return small


WITH_EACH = [
    pytest.param("flyway", marks=pytest.mark.flyway),
    pytest.param("prisma", marks=pytest.mark.prisma),
    pytest.param("golang-migrate", marks=pytest.mark.migrate),
]
pytestmark = pytest.mark.timeout(400)  # a virtual machine is started for each migration, again and again
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
        **dict.fromkeys((claim.value for claim in ClaimName), True),
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


ONLY_ON_THE_COPY = """
CREATE TABLE other (); SELECT 1 / (CASE WHEN current_database() = 'rehearsal' THEN 1 ELSE 0 END);
"""


@on_18
@pytest.mark.parametrize(
    ("project", "code", "left"),
    [
        pytest.param("flyway", 6, "nothing of it remains", marks=pytest.mark.flyway),
        pytest.param("prisma", 7, "it left behind", marks=pytest.mark.prisma),
        pytest.param("golang-migrate", 7, "it left behind", marks=pytest.mark.migrate),
    ],
    indirect=["project"],
)
def test_a_failure_on_prod_says_whether_something_remains(project: SmallProject, code: int, left: str) -> None:
    up, _ = FILES[project.format]
    reason = '-- pipeline: irreversible reason="no way back is needed here"\n'
    project.release(
        project.format, {**files(project.format, UP[:1]), up.format(2): f"{reason}{ONLY_ON_THE_COPY}"}
    )
    made = promote(project)
    assert made.exit_code == code, made.stopped
    assert left in why(made)
    assert "division by zero" in why(made)
    assert ask(project.prod, "SELECT to_regclass('other')") is None
    assert ask(project.prod, "SELECT count(*) FROM people") == 0
    assert [ran.exit_code == 0 for ran in steps(made)["apply"].programs] == [True, False]
    assert complaints(json.loads((project.evidence / made.run_id / "evidence.json").read_text())) == []


@on_18
@pytest.mark.parametrize("project", WITH_EACH[:1], indirect=True)
def test_others_do_not_queue_behind_flyway_for_longer_than_our_limit(project: SmallProject) -> None:
    assert promote(project, to="1").exit_code == 0
    with ExitStack() as held:

        def hold() -> None:
            connection = held.enter_context(bystander(project.prod, autocommit=False))
            connection.execute("LOCK TABLE people IN ACCESS SHARE MODE")

        made = promote(project, listener=At({"finished unmoved": hold}))
    assert made.exit_code == 6, made.stopped
    assert "lock timeout" in why(made)
    assert promote(project).exit_code == 0


@on_18
@pytest.mark.parametrize("project", WITH_EACH[:1], indirect=True)
def test_flyway_runs_a_script_builds_an_index_and_calls_its_callbacks(project: SmallProject) -> None:
    project.write("V3__note.sh", "#!/bin/bash\nexit 0\n")
    project.write("V4__index.sql", "CREATE INDEX CONCURRENTLY people_fax ON people (fax);\n")
    project.write("U4__index.sql", "DROP INDEX CONCURRENTLY people_fax;\n")
    project.write("R__view.sql", "CREATE OR REPLACE VIEW emails AS SELECT email FROM people;\n")
    project.write("afterEachMigrate.sql", "DO $$ BEGIN RAISE NOTICE 'called back'; END $$;\n")
    made = promote(project)
    assert made.outcome is Outcome.PROMOTED, made.stopped
    assert [row[0] for row in state_of(project.prod)["history"]] == ["1", "2", "3", "4", None]  # type: ignore[index, attr-defined]
    assert all("called back" in ran.output for ran in steps(made)["apply"].programs)
    project.write("R__view.sql", "CREATE OR REPLACE VIEW emails AS SELECT lower(email) AS email FROM people;\n")
    project.write("V5__more.sql", '-- pipeline: irreversible reason="x"\nCREATE TABLE more ();\n')
    assert promote(project).outcome is Outcome.PROMOTED


@on_18
@pytest.mark.parametrize("project", WITH_EACH[:1], indirect=True)
def test_a_java_source_is_refused_even_for_flyway(project: SmallProject) -> None:
    project.write("V3__x.java", "class V3__x {}\n")
    made = promote(project)
    assert (made.exit_code, "a Java migration" in why(made)) == (3, True)


JAVA = """\
package db.migration;
public class {name} extends org.flywaydb.core.api.migration.BaseJavaMigration {{
    public void migrate(org.flywaydb.core.api.migration.Context context) throws Exception {{
        try (var statement = context.getConnection().createStatement()) {{ statement.execute("{sql}"); }}
    }}
}}
"""
COMPILED = {
    "V3__Count_them": "CREATE TABLE counted AS SELECT count(*) AS n FROM people",
    "V5__Index_them": "CREATE INDEX counted_n ON counted (n)",
}
JARS = {"locations": ["filesystem:migrations", "classpath:db/migration"], "jarDirs": ["libs"]}


@on_18
@pytest.mark.parametrize("project", WITH_EACH[:1], indirect=True)
def test_flyway_runs_what_is_compiled_between_scripts_one_at_a_time(
    project: SmallProject, tmp_path: Path
) -> None:
    sources = {f"db/migration/{name}.java": JAVA.format(name=name, sql=sql) for name, sql in COMPILED.items()}
    (project.root / "libs").mkdir()
    with ZipFile(project.root / "libs" / "app.jar", "w") as jar:
        for name, content in real_flyway.compiled(tmp_path, sources).items():
            jar.writestr(name, content)
        jar.writestr("db/migration/V4__in_the_jar.sql", "ALTER TABLE counted ADD at timestamptz;\n")
        jar.writestr("db/migration/U4__in_the_jar.sql", "ALTER TABLE counted DROP at;\n")
        jar.writestr("db/migration/afterMigrate.txt", "nobody reads this")
    project.how = {**project.how, "options": JARS}
    project.configure()
    made = promote(project)
    assert made.outcome is Outcome.PROMOTED, made.stopped
    ran = [one.migration for one in steps(made)["apply"].programs]
    assert ran == ["1", "2", "3", "4", "5"]
    rows = ask(
        project.prod,
        "select string_agg(concat_ws(' ', version, type, script, checksum is null), '; ' order by version)"
        " from flyway_schema_history where version >= '3'",
    )
    assert rows == (
        "3 JDBC db.migration.V3__Count_them t; 4 SQL V4__in_the_jar.sql f; 5 JDBC db.migration.V5__Index_them t"
    )
    assert promote(project).outcome is Outcome.NOTHING_TO_DO


@pytest.fixture
def lacking(small: SmallProject) -> SmallProject:
    """A project whose runner is a program that is not there."""
    return prepared(small, "golang-migrate", Path("no-such-migrate"))


@on_18
def test_a_missing_program_is_named_before_anything_is_done(lacking: SmallProject) -> None:
    made = promote(lacking)
    assert made.exit_code == 69
    assert "no-such-migrate" in why(made)
    assert "go install" in why(made)
    assert list(steps(made)) == ["validate", "runner"]
    planned, _, _ = preview(Request(lacking.project(), "prod", lacking.environ, "r-1"))
    assert [one.label for one in planned.migrations] == ["1", "2"]
    (found,) = [one for one in doctor(lacking) if one.name == "runner"]
    assert (found.good, "no-such-migrate" in found.words) == (False, True)


@on_18
def test_who_requires_what_nobody_measures_is_refused_before_anything_is_done(lacking: SmallProject) -> None:
    lacking.how["program"] = "true"
    del lacking.shape["prod"]["require"]
    lacking.configure()
    made = promote(lacking)
    assert made.exit_code == 3
    assert "its statements were not measured" in why(made)
    assert "leave safe_on_the_road out" in why(made)
    assert list(steps(made)) == ["validate", "runner"]


@on_18
def test_flyway_is_not_sent_to_a_socket(small: SmallProject) -> None:
    made = promote(prepared(small, "flyway", Path("true")))
    assert (made.exit_code, "TCP only" in why(made)) == (69, True)
    assert list(steps(made)) == ["validate", "runner", "connect"]
    (found,) = [one for one in doctor(small, "prod") if one.name == "prod runner"]
    assert (found.good, "TCP only" in found.words) == (False, True)


@on_18
def test_a_program_that_only_says_that_it_did_is_not_believed(lacking: SmallProject) -> None:
    lacking.how["program"] = "true"
    lacking.configure()
    made = promote(lacking)
    assert (made.exit_code, "did not apply 1" in why(made)) == (3, True)


@on_18
def test_what_a_program_does_beside_its_work_needs_a_human(lacking: SmallProject) -> None:
    lacking.shape["prod"]["protected"] = False
    program = lacking.root / "migrate"
    act = "psycopg.connect(sys.argv[4], autocommit=True).execute('CREATE TABLE beside ()')"
    program.write_text(f"#!{sys.executable}\nimport psycopg, sys\n{act}\n")
    program.chmod(0o755)
    lacking.how["program"] = "./migrate"
    lacking.configure()
    with pytest.raises(NeedsHuman, match="did not apply 1") as raised:
        migrate(Request(lacking.project(), "prod", lacking.environ, "r-1"))
    assert "beside" in str(raised.value.why)


@on_18
@pytest.mark.parametrize("project", WITH_EACH, indirect=True)
def test_an_unprotected_environment_is_migrated_by_the_tool_too(project: SmallProject) -> None:
    project.shape["prod"]["protected"] = False
    project.configure()
    assert migrate(Request(project.project(), "prod", project.environ, "r-1")).applied[-1].endswith(("2", "m2"))
    assert ask(project.prod, "SELECT fax FROM people") is None


def steps(made: Evidence) -> Mapping[str, StepResult]:
    return {step.name: step for step in made.steps}


def doctor(small: SmallProject, *environments: str) -> Sequence[Checkup]:
    return examine(Request(small.project(), "prod", small.environ, "r-1").context(), list(environments))
