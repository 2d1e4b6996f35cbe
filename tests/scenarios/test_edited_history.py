"""Files that no longer agree with what was applied from them: refused before the first write, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pipeline.errors import ExitCode
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from pipeline.proof import Outcome
from tests.scenarios.refusals import refusal, said, stopped
from tests.support.projects import SmallProject

pytestmark = [pytest.mark.parametrize("server", [18], indirect=True), pytest.mark.acceptance("AT-15")]

UP: Mapping[str, str] = {
    "flyway": "V{n}__{name}.sql",
    "prisma": "2026010{n}000000_{name}/migration.sql",
    "golang-migrate": "{n}_{name}.up.sql",
}
DOWN: Mapping[str, str] = {
    "flyway": "U{n}__{name}.sql",
    "prisma": "2026010{n}000000_{name}/down.sql",
    "golang-migrate": "{n}_{name}.down.sql",
}
ROW: Mapping[str, str] = {
    "flyway": """
        insert into flyway_schema_history (installed_rank, version, description, type, script, checksum,
                                           installed_by, execution_time, success)
        values (99, '9', 'x', 'SQL', 'V9__x.sql', 1, 'x', 1, true)""",
    "prisma": """
        insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
        values ('x', 'x', now(), '20260109000000_x', 1)""",
    "golang-migrate": "update schema_migrations set version = 9",
}
"""A version in the ledger of which there is no file."""


@dataclass(frozen=True)
class Edit:
    """What somebody does to the files or the ledger, and what the refusal names; by format."""

    act: Callable[[SmallProject], None]
    names: Mapping[str, str]


def up(small: SmallProject, number: object, name: str) -> str:
    return UP[small.format].format(n=number, name=name)


def change(small: SmallProject) -> None:
    small.write(up(small, 2, "b"), "create table b (id bigint);\n")


def change_line_ends(small: SmallProject) -> None:
    small.write(up(small, 2, "b"), "create table b (\r\n id int);\r\n")


def delete(small: SmallProject) -> None:
    (small.migrations / up(small, 2, "b")).unlink()


def rename(small: SmallProject) -> None:
    was, now = (small.migrations / UP[small.format].format(n=2, name=name) for name in ("b", "other"))
    now.parent.mkdir(exist_ok=True)
    was.rename(now)


def add_twice(small: SmallProject) -> None:
    small.write(up(small, 4, "a_branch"), "create table e (id int);\n")


def add_late(small: SmallProject) -> None:
    small.write(up(small, 3, "late"), "create table late (id int);\n")


def add_row(small: SmallProject) -> None:
    small.sql(ROW[small.format])


EVERYWHERE = dict.fromkeys(UP, "2")
EDITS: Mapping[str, Edit] = {
    "a changed byte": Edit(change, {name: UP[name].format(n=2, name="b") for name in UP}),
    "a deleted file": Edit(delete, EVERYWHERE),
    "a renamed file": Edit(rename, {"flyway": "2", "prisma": "20260102000000_b"}),
    "a version twice": Edit(add_twice, {name: UP[name].format(n=4, name="a_branch") for name in UP}),
    "an older version": Edit(add_late, {name: UP[name].format(n=3, name="late") for name in UP}),
    "a row without a file": Edit(add_row, {"flyway": "9", "prisma": "20260109000000_x", "golang-migrate": "9"}),
}


@pytest.fixture(params=UP)
def applied(request: pytest.FixtureRequest, small: SmallProject) -> SmallProject:
    """A project of each format whose migrations are applied."""
    name = str(request.param)
    numbers = {"a": 1, "b": 2, "c": 4}
    files = {UP[name].format(n=n, name=t): f"create table {t} (\n id int);\n" for t, n in numbers.items()}
    files |= {DOWN[name].format(n=n, name=t): f"drop table {t};\n" for t, n in numbers.items()}
    if name == "prisma":
        files["migration_lock.toml"] = 'provider = "postgresql"\n'
    small.release(name, files)
    small.configure(prod={"protected": False, "requires": []})
    migrate(Request(small.project(), "prod", small.environ, "r-first"))
    return small


@pytest.mark.parametrize("name", EDITS)
def test_it_is_refused_and_named(applied: SmallProject, name: str) -> None:
    named = EDITS[name].names.get(applied.format)
    EDITS[name].act(applied)
    if named is None:  # golang-migrate knows a migration by its number: the same bytes are the same migration
        must_be_accepted(applied)
    else:
        assert named in said(refusal(applied))


def test_other_line_ends_are_other_bytes_except_where_the_tool_itself_does_not_look(
    applied: SmallProject,
) -> None:
    change_line_ends(applied)
    if applied.format == "golang-migrate":
        assert "2_b.up.sql" in said(refusal(applied))
    else:
        must_be_accepted(applied)


def test_what_was_not_touched_is_accepted(applied: SmallProject) -> None:
    must_be_accepted(applied)


def test_a_row_that_looks_wrong_while_the_real_tool_is_at_work_is_busy(applied: SmallProject) -> None:
    add_row(applied)
    context = Request(applied.project(), "prod", applied.environ, "r-key").context()
    with psycopg.connect(make_conninfo("", **applied.prod.resolve()), autocommit=True) as tool:
        tool.execute("select pg_advisory_lock(%s)", [context.ledger.lock_key(tool.info.dbname)])
        made = stopped(applied, ExitCode.BUSY, Outcome.BUSY)
    assert "somebody is at work in prod" in said(made)


def must_be_accepted(small: SmallProject) -> None:
    assert migrate(Request(small.project(), "prod", small.environ, "r-again")).applied == ()
