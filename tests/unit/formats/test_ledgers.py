"""What is written into each ledger, as far as text can tell; real servers are asked elsewhere."""

import json
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.golang_ledger import GolangLedger, lock_key
from pipeline.formats.interface import Ledger
from pipeline.formats.model import Migration
from pipeline.formats.prisma import Prisma
from tests.unit.formats.build import sources

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text())
FILES = {"flyway": "V1__x.sql", "prisma": "20240131093000_x/migration.sql", "golang-migrate": "1_x.up.sql"}


def migration(format_name: str) -> Migration:
    files = sources({FILES[format_name]: "select 1;\n"})
    return FORMATS[format_name].read(files, {}).release.migrations[0]


@pytest.mark.parametrize("vector", VECTORS["golang_migrate_lock"])
def test_the_lock_key_is_the_one_that_golang_migrate_takes(vector: dict[str, str | int]) -> None:
    table = (str(vector["schema"]), str(vector["table"]))
    assert lock_key(table, str(vector["database_name"])) == vector["lock"]
    if str(vector["database_name"]).startswith("/"):
        assert GolangLedger(table).lock_key(str(vector["database_name"])[1:]) == vector["lock"]


def test_prismas_lock_key_is_one_for_all() -> None:
    assert FORMATS["prisma"].ledger("any", {}).lock_key("db") == VECTORS["prisma_lock"]


@pytest.mark.parametrize(
    ("format_name", "options", "table"),
    [
        ("flyway", {}, ("app", "flyway_schema_history")),
        ("flyway", {"table": "Hist", "defaultSchema": "meta"}, ("meta", "Hist")),
        ("prisma", {}, ("app", "_prisma_migrations")),
        ("golang-migrate", {}, ("app", "schema_migrations")),
        ("golang-migrate", {"x-migrations-table": "meta.hist"}, ("app", "meta.hist")),
        (
            "golang-migrate",
            {"x-migrations-table": '"meta"."hist"', "x-migrations-table-quoted": True},
            ("meta", "hist"),
        ),
        (
            "golang-migrate",
            {"x-migrations-table": '"hist"', "x-migrations-table-quoted": True},
            ("app", "hist"),
        ),
    ],
)
def test_the_ledger_lies_where_the_real_tool_has_it(
    format_name: str, options: dict[str, object], table: tuple[str, str]
) -> None:
    assert FORMATS[format_name].ledger("app", options).table == table


@pytest.mark.parametrize("table", ["hist", '"a"."b"."c"', '"a'])
def test_a_table_that_is_said_to_be_quoted_must_be(table: str) -> None:
    options = {"x-migrations-table": table, "x-migrations-table-quoted": True}
    with pytest.raises(ConfigurationError, match="not a quoted table name"):
        FORMATS["golang-migrate"].ledger("app", options)


@pytest.mark.parametrize("name", FORMATS)
def test_every_command_has_a_value_for_each_of_its_slots(name: str) -> None:
    ledger: Ledger = FORMATS[name].ledger("app", {})
    one = migration(name)
    written = (
        *ledger.started(one),
        *ledger.finished(one, 5),
        *ledger.undone(one, None),
        *ledger.undone(one, one),
    )
    for command in (*ledger.create, ledger.read, ledger.head, *written):
        assert command.text.count("%s") == len(command.values)
        for slot, path in command.identifiers.items():
            assert f"{{{slot}}}" in command.text
            assert all(path)


def test_flyways_row_carries_what_flyway_stores() -> None:
    (command,) = FORMATS["flyway"].ledger("app", {"installedBy": "ci"}).finished(migration("flyway"), 12)
    assert command.values == ("1", "x", "SQL", "V1__x.sql", migration("flyway").checksum, "ci", 12, True)


def test_a_rollback_in_flyway_finds_the_row_by_the_number_and_not_by_its_text() -> None:
    (one,) = FORMATS["flyway"].read(sources({"V01.20.0__x.sql": "select 1"}), {}).release.migrations
    (command,) = FORMATS["flyway"].ledger("app", {}).undone(one, None)
    assert "1.20" in command.values


def test_prismas_row_is_begun_with_an_identifier_and_finished_by_name() -> None:
    ledger = Prisma(new_id=lambda: "id-1").ledger("app", {})
    one = migration("prisma")
    (begun,) = ledger.started(one)
    assert begun.values[:3] == ("id-1", one.checksum, "20240131093000_x")
    assert [command.values for command in ledger.finished(one, 5)] == [("20240131093000_x",)] * 2


def test_prismas_identifiers_are_random() -> None:
    ledger = FORMATS["prisma"].ledger("app", {})
    first, second = (ledger.started(migration("prisma"))[0].values[0] for _ in range(2))
    assert first != second
    assert len(str(first)) == 36


def test_golang_migrates_head_is_dirty_until_it_is_done_and_gone_before_the_first() -> None:
    ledger = FORMATS["golang-migrate"].ledger("app", {})
    one = migration("golang-migrate")
    assert ledger.started(one)[-1].values == ("1", "true")
    assert ledger.finished(one, 5)[-1].values == ("1", "false")
    assert len(ledger.undone(one, None)) == 1
    assert ledger.undone(one, one)[-1].values == ("1", "false")


def test_rows_are_read_in_our_words() -> None:
    flyway = (
        FORMATS["flyway"]
        .ledger("app", {})
        .interpret(
            [
                {
                    "version": "1",
                    "description": "x",
                    "script": "V1__x.sql",
                    "checksum": "5",
                    "success": "true",
                    "type": "SQL",
                }
            ]
        )
    )
    assert (flyway[0].version, flyway[0].name, flyway[0].checksum, flyway[0].success) == ("1", "x", "5", True)
    golang = FORMATS["golang-migrate"].ledger("app", {}).interpret([{"version": "3", "dirty": "true"}])
    assert (golang[0].version, golang[0].success) == ("3", False)
