"""``convert`` as a user meets it: where it writes, what it says, and what it refuses with nothing written."""

import os
from pathlib import Path
from typing import cast

import pytest

from tests.support.commands import Ended, pipeline

FILES = {
    "V1__create_people.sql": "CREATE TABLE people (id int);\n",
    "U1__create_people.sql": "DROP TABLE people;\n",
    "V2__add_name.sql": "ALTER TABLE people ADD name text;\r\n",
    "R__names.sql": "CREATE OR REPLACE VIEW names AS SELECT name FROM people;\n",
}
ENVIRONMENTS = """\
version: 1
project: shop
migrations: {format: flyway, path: migrations, options: {placeholders: {who: everybody}}}
environments:
  dev: {database: {embedded: .pipeline/dev}}
  staging: {database: {throwaway: auto}}
  prod: {database: {embedded: .pipeline/prod}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "environments.yaml").write_text(ENVIRONMENTS)
    (tmp_path / "migrations").mkdir()
    for name, text in FILES.items():
        (tmp_path / "migrations" / name).write_bytes(text.encode())
    return tmp_path


def call(root: Path, *arguments: str) -> Ended:
    return pipeline(root, os.environ, "convert", *arguments)


def everything(root: Path) -> set[Path]:
    return set(root.rglob("*"))


def test_help_says_what_it_does(tmp_path: Path) -> None:
    ended = call(tmp_path, "--help")
    assert ended.code == 0
    assert "in another tool's layout, into DIR" in ended.out
    assert "flyway|prisma|golang-migrate" in ended.out


def test_every_migration_is_named_with_what_became_of_it(root: Path) -> None:
    ended = call(root, "--to", "golang-migrate", "there")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == [
        "flyway                 version  golang-migrate",
        "V1__create_people.sql  1        000001_create_people.up.sql, 000001_create_people.down.sql",
        "V2__add_name.sql       2        000002_add_name.up.sql",
        "R__names.sql           3        000003_names.up.sql",
        "note: migrations/R__names.sql: names becomes a migration that runs once, behind all others [convert]",
        "✓ 3 migrations in there",
        "to do: in environments.yaml, under migrations: format: golang-migrate, path: there, no options",
        "to do: pipeline baseline dev",
        "to do: pipeline baseline prod",
        "to do: see `pipeline status`: what ran counts as applied, the next migration goes on from there",
    ]
    assert (root / "there" / "000002_add_name.up.sql").read_bytes() == FILES["V2__add_name.sql"].encode()
    assert [path.name for path in root.iterdir() if path.name.startswith(".there")] == []


def test_the_same_as_a_document(root: Path) -> None:
    ended = call(root, "--to", "prisma", "db/there", "--format", "json")
    assert ended.code == 0, ended.err
    moved = cast("list[dict[str, object]]", ended.document["migrations"])
    assert [(one["from"], one["to"]) for one in moved] == [
        ("V1__create_people.sql", "20000101000001_create_people"),
        ("V2__add_name.sql", "20000101000002_add_name"),
        ("R__names.sql", "20000101000003_names"),
    ]
    assert (root / "db" / "there" / "migration_lock.toml").is_file()
    assert (root / "db" / "there" / "conversion.json").is_file()


def test_the_converted_project_is_valid_as_the_last_line_says(root: Path) -> None:
    assert call(root, "--to", "golang-migrate", "there").code == 0
    moved = ENVIRONMENTS.replace(
        "format: flyway, path: migrations, options: {placeholders: {who: everybody}}",
        "format: golang-migrate, path: there",
    )
    (root / "environments.yaml").write_text(moved)
    ended = pipeline(root, os.environ, "validate")
    assert (ended.code, ended.out) == (0, "✓ 3 migrations, 0 problems\n")


def test_a_folder_that_is_not_empty_is_left_alone(root: Path) -> None:
    (root / "there").mkdir()
    (root / "there" / "mine").write_text("mine")
    before = everything(root)
    ended = call(root, "--to", "prisma", "there")
    assert ended.code == 64
    assert "there is not empty" in ended.err
    assert "overwrites nothing" in ended.err
    assert "name a folder that is not there yet" in ended.err
    assert everything(root) == before


def test_an_empty_folder_will_do(root: Path) -> None:
    (root / "there").mkdir()
    assert call(root, "--to", "prisma", "there").code == 0
    assert (root / "there" / "migration_lock.toml").is_file()


@pytest.mark.parametrize(
    ("to", "place", "words"),
    [
        ("flyway", "there", "in the layout of flyway already"),
        ("prisma", "migrations/there", "lies in the folder of the migrations"),
        ("prisma", "environments.yaml", "is no folder"),
        ("prisma", "environments.yaml/there", "cannot be written"),
        ("rails", "there", "golang-migrate"),
    ],
)
def test_what_cannot_be_asked_for_is_a_usage_error(root: Path, to: str, place: str, words: str) -> None:
    before = everything(root)
    ended = call(root, "--to", to, place)
    assert ended.code == 64
    assert words in ended.err
    assert everything(root) == before


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("beforeMigrate.sql", "select 1", "beforeMigrate.sql"),
        ("beforeClean.sql", "select 1", "beforeClean.sql"),
        ("V3__run.java", "class V3 {}", "V3__run.java is a Java migration"),
        ("V3__run.sh", "true", "V3__run.sh is a script migration"),
        ("V1_0__again.sql", "select 1", "is there twice"),
        ("V3__when.sql", "select '${flyway:timestamp}'", "depends on where and when it runs"),
        ("V3__who.sql", "select '${flyway:user}'", "depends on where and when it runs"),
        ("V3__nobody.sql", "select '${nobody}'", "no value is given for ${nobody}"),
    ],
)
def test_what_would_be_lost_is_refused_by_name_and_nothing_is_written(
    root: Path, name: str, text: str, words: str
) -> None:
    (root / "migrations" / name).write_text(text)
    before = everything(root)
    ended = call(root, "--to", "golang-migrate", "there")
    assert ended.code == 3
    assert words in ended.err
    assert everything(root) == before
