"""The rows that we write into flyway_schema_history are those that Flyway would have written."""

from collections.abc import Generator

import psycopg
import pytest
from psycopg import sql

from pipeline.formats.model import Migration, Release
from pipeline.postgres.target import Target
from tests.postgres.formats.places import ONE, USUAL, Kept, Place, kept, one
from tests.unit.formats.build import sources

FLYWAY = USUAL["flyway"]
LEDGER = FLYWAY.ledger
INSERT = """
insert into public.flyway_schema_history
       (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
values (%s, %s, %s, 'SQL', 'V1__x.sql', 5, 'somebody', 1, true)
"""


@pytest.fixture
def flyway(owner: Target) -> Generator[Kept]:
    with kept(owner, FLYWAY) as ledger:
        ledger.create()
        yield ledger


def test_a_migration_is_one_row_with_all_that_flyway_stores(flyway: Kept, owner: Target) -> None:
    flyway.write(LEDGER.finished(one(FLYWAY, "V1__create_a.sql", ONE), 12))
    (row,) = flyway.rows()
    assert row.pop("installed_on") is not None
    assert row == {
        "installed_rank": 1,
        "version": "1",
        "description": "create a",
        "type": "SQL",
        "script": "V1__create_a.sql",
        "checksum": -1193849269,
        "installed_by": owner.resolve()["user"],
        "execution_time": 12,
        "success": True,
    }


def test_nothing_is_written_before_a_migration() -> None:
    assert LEDGER.started(one(FLYWAY, "V1__x.sql")) == ()


def test_the_time_is_the_servers_in_the_time_zone_of_the_session(flyway: Kept) -> None:
    connection = flyway.session.connection
    with connection.transaction():
        connection.execute("set local timezone = 'Pacific/Kiritimati'")
        flyway.write(LEDGER.finished(one(FLYWAY, "V1__x.sql"), 1))
        query = "select installed_on = pg_catalog.now() at time zone 'Pacific/Kiritimati' from public."
        assert connection.execute(f"{query}flyway_schema_history".encode()).fetchone() == (True,)


def test_the_rank_is_behind_all_others_and_not_their_number(flyway: Kept) -> None:
    flyway.session.connection.execute(INSERT, [7, "1", "x"])
    for path in ("V2__x.sql", "V3__x.sql"):
        flyway.write(LEDGER.finished(one(FLYWAY, path), 1))
    assert [row["installed_rank"] for row in flyway.rows()] == [7, 8, 9]


def test_a_repeatable_has_no_version_and_a_new_row_for_each_run(flyway: Kept) -> None:
    for text in ("select 1;\n", "select 1;\nselect 2;\n"):
        flyway.write(LEDGER.finished(one(FLYWAY, "R__all_of_a.sql", text), 1))
    first, second = flyway.rows()
    assert (first["version"], first["installed_rank"], second["version"], second["installed_rank"]) == (
        None,
        1,
        None,
        2,
    )
    assert (first["description"], second["checksum"]) == (second["description"], -593479011)
    assert first["checksum"] != second["checksum"]


def test_who_installed_it_is_the_role_in_effect(database: Target, owner: Target) -> None:
    role = owner.resolve()["user"]
    with kept(database, FLYWAY) as ledger:
        ledger.session.connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        ledger.create()
        ledger.write(LEDGER.finished(one(FLYWAY, "V1__x.sql"), 1))
        assert [row["installed_by"] for row in ledger.rows()] == [role]


def test_who_installed_it_can_be_said(flyway: Kept) -> None:
    named = FLYWAY.format.ledger("public", {"installedBy": 'the "CI"'})
    flyway.write(named.finished(one(FLYWAY, "V1__x.sql"), 1))
    assert [row["installed_by"] for row in flyway.rows()] == ['the "CI"']


@pytest.mark.parametrize("length", [200, 201, 250])
def test_a_description_that_is_too_long_is_cut_as_flyway_cuts_it(flyway: Kept, length: int) -> None:
    long = "é" * length
    release = FLYWAY.format.read(sources({f"V1__{long}.sql": "select 1;\n"}), {}).release
    flyway.write(LEDGER.finished(release.migrations[0], 1))
    (row,) = flyway.rows()
    assert row["description"] == (long if length == 200 else "é" * 197 + "...")
    assert row["script"] == f"V1__{long}.sql"
    assert [state.state for state in flyway.states(release)] == ["Success"]


def test_a_script_with_a_path_that_is_too_long_keeps_its_end_as_flyway_keeps_it(flyway: Kept) -> None:
    path = f"{'sub/' * 250}V1__x.sql"
    flyway.write(LEDGER.finished(one(FLYWAY, path), 1))
    (row,) = flyway.rows()
    assert row["script"] == "..." + path[3:1000]


@pytest.mark.parametrize("odd", ["it's", "100%s", "a\\b", 'say "so"', "{table}", "naïve 漢字 🐘"])
def test_words_that_mean_something_elsewhere_are_only_words(flyway: Kept, odd: str) -> None:
    migration = one(FLYWAY, f"V1__{odd}.sql")
    flyway.write(LEDGER.finished(migration, 1))
    assert [(row["description"], row["script"]) for row in flyway.rows()] == [(odd, f"V1__{odd}.sql")]


def test_an_empty_script_has_the_checksum_nought_and_not_none(flyway: Kept) -> None:
    flyway.write(LEDGER.finished(one(FLYWAY, "V1__x.sql", ""), 1))
    assert [row["checksum"] for row in flyway.rows()] == [0]


@pytest.mark.parametrize(("row", "file"), [("1", "1.0"), ("01.00", "1"), ("1.20.0", "1_20"), ("1", "001")])
def test_undone_removes_the_row_of_the_number_however_it_is_spelled(flyway: Kept, row: str, file: str) -> None:
    for rank, version in enumerate([row, "11", "1.2", "2"], start=1):
        flyway.session.connection.execute(INSERT, [rank, version, "x"])
    flyway.write(LEDGER.undone(one(FLYWAY, f"V{file}__x.sql"), None))
    assert [found["version"] for found in flyway.rows()] == ["11", "1.2", "2"]


def test_undone_removes_the_last_run_of_a_repeatable_and_no_other(flyway: Kept) -> None:
    for rank, description in enumerate(["ours", "another", "ours", "another"], start=1):
        flyway.session.connection.execute(INSERT, [rank, None, description])
    flyway.write(LEDGER.undone(one(FLYWAY, "R__ours.sql"), None))
    assert [row["installed_rank"] for row in flyway.rows()] == [1, 2, 4]


def test_a_row_is_refused_by_the_server_where_the_rank_is_taken(flyway: Kept) -> None:
    flyway.session.connection.execute(INSERT, [1, "1", "x"])
    with pytest.raises(psycopg.errors.UniqueViolation, match="flyway_schema_history_pk"):
        flyway.session.connection.execute(INSERT, [1, "2", "x"])


def test_the_table_may_have_a_percent_sign_in_its_name(owner: Target) -> None:
    with kept(owner, Place("flyway", "100%s", {"table": "50%"})) as ledger:
        ledger.create()
        ledger.write(ledger.place.ledger.finished(one(FLYWAY, "V1__x.sql"), 1))
        assert [row["version"] for row in ledger.rows()] == ["1"]


UNDO = """
insert into public.flyway_schema_history
       (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
values (%s, '1', 'x', 'UNDO_SQL', 'U1__x.sql', 5, 'somebody', 1, true)
"""


def undoable() -> Migration:
    files = sources({"V1__x.sql": "select 1;\n", "U1__take_back.sql": "select 2;\n"})
    return FLYWAY.format.read(files, {}).release.migrations[0]


def test_an_undo_leaves_no_row_of_the_paid_edition_where_there_is_none(flyway: Kept) -> None:
    flyway.session.connection.execute(INSERT, [1, "1", "x"])
    flyway.write(LEDGER.undone(undoable(), None))
    assert flyway.rows() == []


def test_an_undo_adds_a_row_of_the_paid_edition_where_there_are_some(flyway: Kept) -> None:
    flyway.session.connection.execute(INSERT, [1, "1", "x"])
    flyway.session.connection.execute(UNDO, [2])
    flyway.session.connection.execute(INSERT, [3, "1", "x"])
    flyway.write(LEDGER.undone(undoable(), None))
    rows = flyway.rows()
    assert [(row["installed_rank"], row["type"]) for row in rows][2:] == [(3, "SQL"), (4, "UNDO_SQL")]
    assert (rows[3]["description"], rows[3]["script"]) == ("take back", "U1__take_back.sql")
    assert [state.state for state in flyway.states(Release("flyway", (undoable(),)))] == [
        "Undone",
        "Success",
        "Undone",
        "Success",
        "Pending",
    ]


def test_an_undo_adds_a_row_of_the_paid_edition_where_the_option_says_so(flyway: Kept) -> None:
    flyway.session.connection.execute(INSERT, [1, "1", "x"])
    flyway.write(FLYWAY.format.ledger("public", {"undoRows": True}).undone(undoable(), None))
    assert [row["type"] for row in flyway.rows()] == ["SQL", "UNDO_SQL"]


def test_the_rank_is_that_from_before_a_script_that_empties_the_ledger(flyway: Kept) -> None:
    text = "delete from public.flyway_schema_history;\n"
    migration = one(FLYWAY, "V2__x.sql", text)
    flyway.session.connection.execute(INSERT, [7, "1", "x"])
    with flyway.session.connection.transaction():
        flyway.write(LEDGER.started(migration))
        flyway.session.connection.execute(text.encode())
        flyway.write(LEDGER.finished(migration, 1))
    assert [row["installed_rank"] for row in flyway.rows()] == [8]


def test_the_rank_is_the_next_where_nothing_was_kept(flyway: Kept) -> None:
    migration = one(FLYWAY, "V2__x.sql", "select 'flyway_schema_history';\n")
    flyway.session.connection.execute(INSERT, [7, "1", "x"])
    flyway.write(LEDGER.finished(migration, 1))
    assert [row["installed_rank"] for row in flyway.rows()] == [7, 8]
