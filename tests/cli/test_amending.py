"""``baseline`` and ``repair`` from argv to exit code, on a real server; and who must wait for the real tool."""

from collections.abc import Generator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pipeline.formats import FORMATS
from tests.cli.conftest import Call
from tests.support.projects import LEDGER, SmallProject, ask

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

ROWS = f"select count(*) from {'.'.join(LEDGER)}"


@pytest.fixture
def golang(small: SmallProject) -> SmallProject:
    """A project in golang-migrate's layout with an environment that nobody has to protect."""
    for file in small.migrations.iterdir():
        file.unlink()
    for number, name in ((1, "a"), (2, "b")):
        small.write(f"{number}_{name}.up.sql", f"create table {name} (id int);\n")
        small.write(f"{number}_{name}.down.sql", f"drop table {name};\n")
    del small.shape["prod"]
    small.configure(dev={"database": {"url": "${PROD_DATABASE_URL}"}, "limits": {"advisory_lock": "1s"}})
    file = small.root / "environments.yaml"
    file.write_text(file.read_text().replace("format: flyway", "format: golang-migrate"))
    return small


def test_a_protected_environment_wants_a_confirmation(call: Call, small: SmallProject) -> None:
    refused = call("baseline", "prod", "--to", "2")
    assert refused.code == 3, refused.err
    assert "prod is protected" in refused.err
    assert "--yes" in refused.err
    assert ask(small.prod, "select to_regclass('public.flyway_schema_history') is null")
    assert call("repair", "prod").code == 3


def test_a_confirmed_baseline_is_the_beginning_of_a_history(call: Call, small: SmallProject) -> None:
    ended = call("baseline", "prod", "--to", "2", "--yes")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("BASELINE  prod")
    assert ask(small.prod, ROWS) == 1
    again = call("baseline", "prod", "--to", "2", "--yes")
    assert (again.code, again.out.split("  ")[0]) == (0, "NOTHING TO DO")


def test_a_baseline_names_the_newest_version_where_none_is_asked_for(call: Call, golang: SmallProject) -> None:
    ended = call("baseline", "dev", "--format", "json")
    assert ended.code == 0, ended.err
    assert ended.document["done"] == ["it counts as being at 2"]
    assert ask(golang.prod, "select version from schema_migrations") == 2


def test_a_history_that_began_in_the_middle_goes_back_to_where_it_began(
    call: Call, small: SmallProject
) -> None:
    small.configure(prod={"protected": False})
    small.keep("V1", "U1", "V2", "U2", "V3", "U3")
    small.write("R__one.sql", "create or replace view one as select 1 as n;\n")
    small.sql("create table fleet (id int)")
    assert call("baseline", "prod", "--format", "json").document["done"] == ["it counts as being at 3"]
    small.write("V9__more.sql", "create table more (id int);\n")
    small.write("U9__more.sql", "drop table more;\n")
    assert call("migrate", "prod").code == 0
    document = call("rollback", "prod", "--to", "3", "--format", "json").document
    assert (document["undone"], document["version"]) == (["9"], "3")


def test_a_baseline_does_not_overwrite_a_history(call: Call, golang: SmallProject) -> None:
    assert call("migrate", "dev", "--to", "1").code == 0
    ended = call("baseline", "dev", "--to", "2")
    assert ended.code == 3
    assert "has rows already" in ended.err
    assert ask(golang.prod, "select version from schema_migrations") == 1


def test_a_repair_says_each_thing_that_it_did(call: Call, golang: SmallProject) -> None:
    assert call("migrate", "dev").code == 0
    golang.write("1_a.up.sql", "create table a (id bigint);\n")
    golang.sql("update schema_migrations set dirty = true")
    assert call("validate", "dev").code == 3
    ended = call("repair", "dev", "--applied", "2")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[1:] == ["  the head becomes 2, clean", "  1 counts with the bytes it has now"]
    assert call("validate", "dev").code == 0
    assert call("repair", "dev").out.startswith("NOTHING TO DO")


@pytest.mark.usefixtures("golang")
def test_what_did_not_fail_cannot_be_said_to_be_complete(call: Call) -> None:
    assert call("migrate", "dev").code == 0
    ended = call("repair", "dev", "--applied", "2")
    assert ended.code == 64
    assert "did not fail half-way" in ended.err


@pytest.fixture
def real_tool_at_work(golang: SmallProject) -> Generator[SmallProject]:
    """The real tool's lock is held, and its row is dirty, as while it runs a migration."""
    golang.sql("create table schema_migrations (version bigint not null primary key, dirty boolean not null)")
    golang.sql("insert into schema_migrations values (1, true)")
    key = FORMATS["golang-migrate"].ledger("public", {}).lock_key(golang.prod.resolve()["dbname"])
    with psycopg.connect(make_conninfo("", **golang.prod.resolve()), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [key])
        yield golang


@pytest.mark.usefixtures("real_tool_at_work")
def test_the_status_says_that_the_real_tool_is_at_work(call: Call) -> None:
    ended = call("status", "dev")
    assert ended.code == 3
    assert "golang-migrate is at work: " in ended.out
    assert "Dirty" in ended.out


@pytest.mark.parametrize("verb", ["migrate", "repair"])
def test_a_migration_under_way_is_waited_for_and_not_taken_for_a_failure(
    call: Call, real_tool_at_work: SmallProject, verb: str
) -> None:
    ended = call(verb, "dev")
    assert ended.code == 5, ended.err
    assert "the golang-migrate lock is held by somebody else" in ended.err
    assert ask(real_tool_at_work.prod, "select dirty from schema_migrations") is True
