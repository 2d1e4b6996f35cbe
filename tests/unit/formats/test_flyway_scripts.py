"""Callbacks, baselines, the settings of single scripts, and what only Flyway itself can run."""

import pytest

from pipeline.formats import FORMATS
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.model import Event, Kind
from tests.unit.formats.build import names, rules, sources

FLYWAY = FORMATS["flyway"]


def test_callbacks_come_by_event_and_then_by_description_the_bare_one_first() -> None:
    paths = ("afterMigrate.sql", "beforeMigrate__b.sql", "x/beforeMigrate__a_x.sql", "beforeMigrate.sql")
    release = FLYWAY.read(names(*paths, "afterVersioned.sql", "V1__x.sql"), {}).release
    assert [(one.event, one.script.file.path) for one in release.callbacks] == [
        (Event.BEGIN, "beforeMigrate.sql"),
        (Event.BEGIN, "x/beforeMigrate__a_x.sql"),
        (Event.BEGIN, "beforeMigrate__b.sql"),
        (Event.VERSIONED, "afterVersioned.sql"),
        (Event.END, "afterMigrate.sql"),
    ]


def test_callbacks_around_each_migration_are_part_of_it() -> None:
    files = (
        "beforeEachMigrate.sql",
        "afterEachMigrate__b.sql",
        "afterEachMigrate__a.sql",
        "V1__x.sql",
        "R__v.sql",
    )
    release = FLYWAY.read(names(*files), {}).release
    assert release.callbacks == ()
    for migration in release.migrations:
        assert [one.file.path for one in migration.before] == ["beforeEachMigrate.sql"]
        assert [one.file.path for one in migration.after] == [
            "afterEachMigrate__a.sql",
            "afterEachMigrate__b.sql",
        ]


def test_a_changed_callback_makes_another_release() -> None:
    digests = {
        FLYWAY.read(sources({"V1__x.sql": "select 1", callback: text}), {}).release.digest
        for callback in ("beforeMigrate.sql", "beforeEachMigrate.sql")
        for text in ("select 1", "select 2")
    }
    assert len(digests) == 4


def test_a_baseline_may_stand_beside_a_migration_of_its_version() -> None:
    release = FLYWAY.read(names("B3__all.sql", "V3__x.sql", "V2__x.sql"), {}).release
    assert [(one.label, one.kind, one.type) for one in release.migrations] == [
        ("2", Kind.VERSIONED, "SQL"),
        ("3", Kind.VERSIONED, "SQL"),
        ("B3", Kind.BASELINE, "SQL_BASELINE"),
    ]


def test_a_script_has_settings_of_its_own() -> None:
    conf = "executeInTransaction=false\nplaceholderReplacement=false\nencoding=ISO-8859-1\n"
    files = sources({"V1__x.sql": b"select '\xe9 ${a}'", "v1__X.sql.CONF": conf})
    reading = FLYWAY.read(files, {})
    (migration,) = reading.release.migrations
    assert reading.findings == ()
    assert (migration.up.sql, migration.up.separate) == ("select 'é ${a}'", True)


def test_the_project_may_want_every_script_outside_of_a_transaction() -> None:
    (migration,) = FLYWAY.read(names("V1__x.sql"), {"executeInTransaction": False}).release.migrations
    assert migration.up.separate


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        ("shouldExecute=false", "paid edition"),
        ("mixed=true", "no such setting for a script: mixed"),
        ("encoding=UTF-9", "no encoding UTF-9"),
        ("executeInTransaction=${nobody}", "no value is given"),
        (b"\xff", "cannot be read"),
    ],
)
def test_settings_of_a_script_that_flyway_would_refuse_are_refused(conf: str | bytes, said: str) -> None:
    files = sources({"V1__x.sql": "select 1", "V1__x.sql.conf": conf})
    (finding,) = FLYWAY.read(files, {}).findings
    assert finding.refuses
    assert said in finding.message


@pytest.mark.parametrize(
    ("path", "type_", "sum_"), [("V2__x.sh", "SCRIPT", checksum("echo 1")), ("V2__x.java", "JDBC", None)]
)
def test_what_only_flyway_can_run_is_part_of_the_release_with_its_finding(
    path: str, type_: str, sum_: str | None
) -> None:
    reading = FLYWAY.read(sources({path: "echo 1"}), {})
    assert rules(reading.findings) == [("only-by-tool", "error")]
    (migration,) = reading.release.migrations
    assert (migration.label, migration.type, migration.checksum) == ("2", type_, sum_)
    assert migration.only_by_tool
    assert migration.up.sql == ""


def test_a_script_and_sql_of_one_version_are_there_twice() -> None:
    found = rules(FLYWAY.read(names("V2__x.sh", "V2__x.sql"), {}).findings)
    assert ("duplicate", "error") in found
