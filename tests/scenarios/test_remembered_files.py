"""golang-migrate's ledger knows only its head: what else was applied, and from which bytes, we remember."""

import pytest

from pipeline.postgres.connect import connected
from pipeline.postgres.witness import noted
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from pipeline.proof import Outcome
from tests.support.projects import SmallProject, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

TABLE = ("public", "schema_migrations")
LEDGER = "create table schema_migrations (version bigint not null primary key, dirty boolean not null)"


@pytest.fixture
def golang(small: SmallProject) -> SmallProject:
    """A project in golang-migrate's layout; the real one brought prod to version 1."""
    for file in small.migrations.iterdir():
        file.unlink()
    for number, name in ((1, "a"), (3, "c")):
        small.write(f"{number}_{name}.up.sql", f"create table {name} (id int);\n")
        small.write(f"{number}_{name}.down.sql", f"drop table {name};\n")
    file = small.root / "environments.yaml"
    file.write_text(file.read_text().replace("format: flyway", "format: golang-migrate"))
    small.sql(f"{LEDGER}; insert into schema_migrations values (1, false); create table a (id int)")
    return small


def test_a_promotion_notes_what_others_applied_before_it(golang: SmallProject) -> None:
    made = promote(golang)
    assert (made.outcome, made.stopped) == (Outcome.PROMOTED, None)
    with connected(golang.prod) as session:
        assert {label: one.script for label, one in noted(session, TABLE).items()} == {
            "1": "1_a.up.sql",
            "3": "3_c.up.sql",
        }


def test_a_changed_or_a_late_file_is_refused_by_the_next_promotion(golang: SmallProject) -> None:
    promote(golang)
    golang.write("1_a.up.sql", "create table a (id bigint);\n")
    golang.write("2_b.up.sql", "create table b (id int);\n")
    golang.write("2_b.down.sql", "drop table b;\n")
    made = promote(golang)
    assert made.outcome is Outcome.REFUSED
    assert made.stopped is not None
    assert "1 was changed after it was applied" in made.stopped.what
    assert "(and 1 more)" in made.stopped.what


OURS = {"1_a.up.sql": "create table a (id int);\n", "1_a.down.sql": "drop table a;\n"}
THEIRS = {"1_x.up.sql": "create table x (id bigint);\n", "1_x.down.sql": "drop table x;\n"}


def test_two_projects_in_one_database_do_not_take_each_others_files_for_their_own(small: SmallProject) -> None:
    small.sql("create schema other")
    small.configure(prod={"protected": False})
    applied: list[tuple[str, ...]] = []
    for number, (schema, files) in enumerate([("public", OURS), ("other", THEIRS)] * 2):
        small.how = {"schemas": [schema]}
        small.release("golang-migrate", files)
        applied.append(migrate(Request(small.project(), "prod", small.environ, f"run-{number}")).applied)
    assert applied == [("1",), ("1",), (), ()]
