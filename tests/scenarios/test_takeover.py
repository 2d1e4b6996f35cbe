"""From one tool to another on a live database: the schema stays, what ran counts, the next one applies."""

import json
import shutil
from dataclasses import dataclass
from typing import cast

import pytest

from pipeline.formats import FORMATS
from pipeline.formats.folder import read_release
from pipeline.postgres.connect import connected
from pipeline.schema.digest import fingerprint
from pipeline.schema.snapshot import take
from tests.conftest import PARTS
from tests.support.commands import Ended, pipeline
from tests.support.projects import SmallProject, ask
from tests.support.real_flyway import flyway
from tests.support.real_migrate import migrate
from tests.support.real_prisma import prisma

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

SCRIPTS = {
    "create_people": ("CREATE TABLE people (id int PRIMARY KEY, email text);\n", "DROP TABLE people;\n"),
    "index_emails": (
        "CREATE INDEX CONCURRENTLY emails ON people (email);\n",
        "DROP INDEX CONCURRENTLY emails;\n",
    ),
    "count_people": ("INSERT INTO people VALUES (1, '${a}'), (2, 'b');\n", "DELETE FROM people;\n"),
    "not_yet": ("CREATE TABLE later (id int);\n", "DROP TABLE later;\n"),
}
RAN = 3
LEDGERS = {name: FORMATS[name].ledger("public", {}).table for name in FORMATS}
DIRECTIONS = [(one, other) for one in FORMATS for other in FORMATS if one != other]
each_direction = pytest.mark.parametrize(("source", "to"), DIRECTIONS)


def files(format_name: str) -> dict[str, str]:
    made: dict[str, str] = {}
    for at, (name, (up, down)) in enumerate(SCRIPTS.items(), 1):
        match format_name:
            case "flyway":
                made |= {f"V{at}__{name}.sql": up, f"U{at}__{name}.sql": down}
            case "prisma":
                folder = f"2024013109300{at}_{name}"
                made |= {f"{folder}/migration.sql": up, f"{folder}/down.sql": down}
            case _:
                made |= {f"{at}_{name}.up.sql": up, f"{at}_{name}.down.sql": down}
    return made


@dataclass
class Project:
    """A project with one live environment, in one layout after the other."""

    small: SmallProject
    format: str

    def call(self, *arguments: str) -> Ended:
        return pipeline(self.small.root, self.small.environ, *arguments)

    def done(self, *arguments: str) -> str:
        ended = self.call(*arguments)
        assert ended.code == 0, ended.out + ended.err
        return ended.out

    def labels(self) -> list[str]:
        folder = self.small.project().migrations.path
        tool = FORMATS[self.format]
        return [one.label for one in read_release(tool, self.small.root, folder, {}).release.migrations]

    def convert(self, to: str) -> None:
        """Convert, and let environments.yaml say so."""
        self.done("convert", "--to", to, "converted")
        shutil.rmtree(self.small.migrations)
        (self.small.root / "converted").rename(self.small.migrations)
        self.format = self.small.format = to
        self.small.configure()

    def pending(self) -> int:
        document = json.loads(self.done("status", "--format", "json"))
        (environment,) = cast("list[dict[str, int]]", document["environments"])
        return environment["pending"]

    def shape(self) -> str:
        with connected(self.small.prod) as session:
            snapshot = take(session.connection, ["public"], exclude_tables=list(LEDGERS.values()))
        return fingerprint(snapshot)


@pytest.fixture
def project(small: SmallProject, source: str) -> Project:
    """A database at the third of four migrations, brought there in the layout of ``source``."""
    del small.shape["prod"]
    small.shape["dev"] = {"database": {"url": "${PROD_DATABASE_URL}"}}
    small.release(source, files(source))
    if source == "flyway":  # '${a}' is no placeholder here
        (small.root / "flyway.conf").write_text("flyway.placeholderReplacement=false\n")
    made = Project(small, source)
    made.done("migrate", "dev", "--to", made.labels()[RAN - 1])
    return made


@each_direction
def test_what_ran_counts_and_the_next_one_applies(project: Project, source: str, to: str) -> None:
    before = project.shape()
    project.convert(to)
    refused = project.call("migrate", "dev")
    assert refused.code == 3
    assert "pipeline baseline" in refused.err
    assert "it counts as being at" in project.done("baseline", "dev")
    assert project.shape() == before
    assert project.pending() == 1
    project.done("drift", "dev")
    assert project.done("migrate", "dev")
    assert ask(project.small.prod, "SELECT to_regclass('later') IS NOT NULL")
    assert project.pending() == 0
    project.done("validate", "dev")
    project.small.sql(f"DROP TABLE {'.'.join(LEDGERS[source])}")
    project.done("drift", "dev")
    assert theirs(project, to) is None
    project.done("rollback", "dev", "--to", "base" if to == "flyway" else project.labels()[RAN - 1])
    assert project.shape() == before


@pytest.mark.parametrize("source", ["flyway"])
def test_what_was_left_is_still_expected_after_a_takeover(small: SmallProject, source: str) -> None:
    small.keep("V1_", "U1_", "V2_", "U2_")
    project = Project(small, source)
    project.done("promote", "prod")
    project.convert("golang-migrate")
    assert "--yes" in project.call("baseline", "prod").err
    ended = project.done("baseline", "prod", "--yes")
    assert "public.flyway_schema_history, is nobody's now" in ended
    assert "the shape we last left here" in project.done("drift", "prod")
    small.sql("ALTER TABLE people ADD hotfix int")
    assert project.call("drift", "prod").code == 2
    assert project.done("promote", "prod").startswith("NOTHING TO DO")


@pytest.mark.parametrize("source", ["flyway"])
def test_versions_that_became_others_are_remembered_under_those(small: SmallProject, source: str) -> None:
    del small.shape["prod"]
    small.shape["dev"] = {"database": {"url": "${PROD_DATABASE_URL}"}}
    tables = {"1": "a", "1.1": "b", "2": "c", "3": "d"}
    small.release(source, {f"V{at}__{name}.sql": f"CREATE TABLE {name} ();\n" for at, name in tables.items()})
    project = Project(small, source)
    project.done("migrate", "dev", "--to", "2")
    project.convert("golang-migrate")
    assert "it counts as being at 3" in project.done("baseline", "dev")
    project.done("validate", "dev")
    project.done("migrate", "dev")
    project.done("validate", "dev")
    small.write("000002_b.up.sql", "CREATE TABLE other ();\n")
    assert "2 was changed after it was applied" in project.call("validate", "dev").out


@pytest.mark.parametrize("source", ["prisma"])
@pytest.mark.parametrize(
    ("by_hand", "words"),
    [
        ("DELETE FROM _prisma_migrations", "nothing has run there"),
        ("UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name ~ '3_'", "failed half-way"),
        ("UPDATE _prisma_migrations SET checksum = repeat('0', 64)", "was changed after it was applied"),
        ("DELETE FROM _prisma_migrations WHERE migration_name ~ '2_'", "was added below"),
        ("SELECT 1", "is not what the ledger of prisma says"),
    ],
)
def test_a_history_that_is_not_in_order_is_not_taken_over(project: Project, by_hand: str, words: str) -> None:
    project.convert("flyway")
    project.small.sql(by_hand)
    to = [] if words != "is not what the ledger of prisma says" else ["--to", "20240131093002"]
    refused = project.call("baseline", "dev", *to)
    assert refused.code == 3
    assert words in refused.err
    assert "public._prisma_migrations" in refused.err
    assert ask(project.small.prod, "SELECT to_regclass('flyway_schema_history') IS NULL")


@pytest.mark.parametrize("source", ["flyway"])
def test_a_gap_that_was_forgiven_is_no_beginning(small: SmallProject, source: str) -> None:
    del small.shape["prod"]
    small.shape["dev"] = {"database": {"url": "${PROD_DATABASE_URL}"}}
    small.release(source, {f"V{at}__t.sql": f"CREATE TABLE t{at} ();\n" for at in (1, 3)})
    (small.root / "flyway.conf").write_text("flyway.ignoreMigrationPatterns=*:ignored\n")
    project = Project(small, source)
    project.done("migrate", "dev")
    small.write("V2__t.sql", "CREATE TABLE t2 ();\n")
    project.convert("golang-migrate")
    refused = project.call("baseline", "dev")
    assert refused.code == 3
    assert "V3__t.sql has run here, but not V2__t.sql before it" in refused.err


@pytest.mark.parametrize("source", ["flyway"])
def test_a_repeatable_that_ran_before_what_is_pending_runs_again(small: SmallProject, source: str) -> None:
    del small.shape["prod"]
    small.shape["dev"] = {"database": {"url": "${PROD_DATABASE_URL}"}}
    small.keep("V1_", "R__")
    small.configure()
    project = Project(small, source)
    project.done("migrate", "dev")
    small.write("V2__t.sql", "CREATE TABLE t2 ();\n")
    project.convert("prisma")
    assert "20000101000001_create_people" in project.done("baseline", "dev")
    project.done("migrate", "dev")
    assert project.pending() == 0


def test_a_broken_note_is_pointed_out(small: SmallProject) -> None:
    small.write("conversion.json", "{}")
    ended = Project(small, "flyway").call("status", "prod")
    assert ended.code == 64
    assert "conversion.json is not what `pipeline convert` has written" in ended.err


def theirs(project: Project, to: str) -> str | None:
    """What the real tool says is wrong or pending; None where all is well, or where there is no such tool."""
    if PARTS[{"golang-migrate": "migrate"}.get(to, to)]():
        return None
    prod, folder = project.small.admin, project.small.migrations
    match to:
        case "flyway":
            told = flyway(prod, folder, "info", {})
            states = {str(row.get("state")) for row in told.table}
            valid = flyway(prod, folder, "validate", {})
            return None if valid.code == 0 and not states & {"Pending", "Missing"} else f"{told} {valid.said}"
        case "prisma":
            said = prisma(prod, folder, "migrate", "status")
            return None if said.code == 0 else said.out + said.err
        case _:
            up = migrate(prod, folder, "up", options={})
            return None if (up.code, up.err.strip()) == (0, "no change") else up.err
