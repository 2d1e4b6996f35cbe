"""flyway.conf and flyway.toml: what they say becomes options, and what cannot be followed is said."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.findings import Finding
from pipeline.formats import FORMATS, folder
from pipeline.formats.flyway.configuration import properties
from pipeline.formats.model import Configured
from tests.unit.formats.build import rules, sources

FLYWAY = FORMATS["flyway"]
CONF = """
# the team's settings
flyway.table = history
flyway.sqlMigrationSuffixes=.sql,.ddl
flyway.placeholderReplacement=false
flyway.placeholders.owner: ann
flyway.url=jdbc:postgresql://db1/shop
other.thing=1
"""
TOML = """
[flyway]
table = "history"
sqlMigrationSuffixes = [".sql", ".ddl"]
placeholderReplacement = false
[flyway.placeholders]
owner = "ann"
[environments.default]
url = "jdbc:postgresql://db1/shop"
"""


def configured(name: str, text: str, **options: object) -> Configured:
    return FLYWAY.configured(sources({name: text}), options)


def words(findings: tuple[Finding, ...]) -> str:
    return "\n".join(finding.message for finding in findings)


@pytest.mark.parametrize(("name", "text"), [("flyway.conf", CONF), ("flyway.toml", TOML)])
def test_the_same_settings_are_read_from_either_file(name: str, text: str) -> None:
    made = configured(name, text)
    assert made.options == {
        "table": "history",
        "sqlMigrationSuffixes": [".sql", ".ddl"],
        "placeholderReplacement": False,
        "placeholders": {"owner": "ann"},
    }
    assert rules(made.findings) == [("flyway-settings", "note")]
    assert FLYWAY.read([], made.options).findings == ()


@pytest.mark.parametrize(("name", "text"), [("flyway.conf", CONF), ("flyway.toml", TOML)])
def test_a_byte_order_mark_hides_nothing(name: str, text: str) -> None:
    assert configured(name, f"\ufeff{text.strip()}").options == configured(name, text).options


def test_a_conf_beside_a_toml_is_not_read_and_that_is_said() -> None:
    made = FLYWAY.configured(sources({"flyway.conf": "flyway.table=a", "flyway.user.toml": "id = 'x'"}), {})
    assert made.options == {}
    assert rules(made.findings) == [("flyway-settings", "warning")]
    assert "flyway.conf is not read" in words(made.findings)


def test_numbers_and_flags_of_a_toml_are_the_texts_that_flyway_makes_of_them() -> None:
    made = configured("flyway.toml", "[flyway]\ntable = 5\nplaceholders = {n = 7, on = true}")
    assert made.options == {"table": "5", "placeholders": {"n": "7", "on": "true"}}


ENVIRONMENTS = """
[flyway]
table = "all"
placeholders = {a = "1", b = "1"}
[environments.default]
url = "jdbc:postgresql://db1/shop"
[environments.live.flyway]
table = "live"
placeholders = {a = "2"}
[environments.test]
schemas = ["shop"]
initSql = "set role x"
"""


def test_what_is_said_of_the_chosen_environment_counts_for_more() -> None:
    made = configured("flyway.toml", ENVIRONMENTS, environment="live")
    assert made.options == {"environment": "live", "table": "live", "placeholders": {"a": "2"}}
    own = configured("flyway.toml", ENVIRONMENTS.replace("[flyway]", "[flyway]\nenvironment = 'live'", 1))
    assert own.options == made.options


def test_what_is_said_of_other_environments_is_not_read_and_that_is_said() -> None:
    made = configured("flyway.toml", ENVIRONMENTS)
    assert made.options == {"table": "all", "placeholders": {"a": "1", "b": "1"}}
    assert rules(made.findings) == [("flyway-settings", "note"), ("flyway-settings", "warning")]
    assert "for live, test alone" in words(made.findings)
    assert "default" in words(made.findings)


def test_an_environment_of_a_toml_may_say_what_is_not_followed() -> None:
    found = configured("flyway.toml", ENVIRONMENTS, environment="test").findings
    assert ("flyway-settings", "error") in rules(found)
    assert "sets initSql" in words(found)
    assert "sets schemas" in words(found)


def test_the_environment_of_a_later_file_counts_and_its_placeholders_are_joined_with_earlier_ones() -> None:
    later = '[flyway]\nenvironment = "live"\n[environments.live.flyway]\nplaceholders = {c = "3"}'
    made = FLYWAY.configured(sources({"flyway.toml": ENVIRONMENTS, "flyway.user.toml": later}), {})
    assert made.options["placeholders"] == {"a": "2", "c": "3"}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("[flyway]\nplaceholders = {}", {"a": "1", "b": "1"}),
        ("[environments.default.flyway.placeholders]", None),
    ],
    ids=["of all", "of the chosen environment"],
)
def test_no_placeholders_take_others_away_only_where_an_environment_has_none(
    last: str, expected: object
) -> None:
    first = '[flyway]\nplaceholders = {a = "1", b = "1"}'
    made = FLYWAY.configured(sources({"flyway.toml": first, "flyway.user.toml": last}), {})
    assert made.options.get("placeholders") == expected


def test_environments_yaml_wins_and_placeholders_are_joined() -> None:
    made = configured("flyway.conf", CONF, table="mine", placeholders={"tier": "gold"})
    assert made.options["table"] == "mine"
    assert made.options["placeholders"] == {"owner": "ann", "tier": "gold"}
    assert "environments.yaml wins for table" in words(made.findings)


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("flyway.initSql=set role x", "error"),
        ("flyway.skipExecutingMigrations=true", "error"),
        ("flyway.outOfOrder=true", "warning"),
        ("flyway.locations=classpath:db/migration", "warning"),
    ],
)
def test_what_would_change_what_runs_and_is_not_followed_is_said(line: str, severity: str) -> None:
    assert rules(configured("flyway.conf", line).findings) == [("flyway-settings", severity)]


@pytest.mark.parametrize("line", ["flyway.outOfOrder=false", "flyway.connectRetries=3", "flyway.user=ann", "x"])
def test_of_what_changes_nothing_nothing_is_said(line: str) -> None:
    made = configured("flyway.conf", line)
    assert (made.options, made.findings) == ({}, ())


@pytest.mark.parametrize(("name", "text"), [("flyway.toml", "[flyway"), ("flyway.conf", b"\xff")])
def test_a_file_that_cannot_be_read_is_an_error(name: str, text: str | bytes) -> None:
    assert rules(FLYWAY.configured(sources({name: text}), {}).findings) == [("flyway-settings", "error")]


def test_properties_are_read_as_java_reads_them() -> None:
    text = "a=1\n  b : two words \n! no\nc three\nd=x\\\n   y\r\ne=\n"
    assert dict(properties(text)) == {"a": "1", "b": "two words", "c": "three", "d": "xy", "e": ""}


def test_the_files_lie_in_the_project_or_beside_the_migrations(tmp_path: Path) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "flyway.toml").write_text('[flyway]\nplaceholders = {a = "1"}\ntable = "outer"')
    (tmp_path / "sql" / "flyway.toml").write_text('[flyway]\ntable = "inner"')
    (tmp_path / "sql" / "V1__x.sql").write_text("select ${a};")
    made = folder.configured(FLYWAY, tmp_path, Path("sql"), {})
    assert made.options == {"placeholders": {"a": "1"}, "table": "inner"}
    reading = folder.read_release(FLYWAY, tmp_path, Path("sql"), {})
    assert [one.up.sql for one in reading.release.migrations] == ["select 1;"]


def test_several_locations_are_read_and_one_inside_another_counts_once(tmp_path: Path) -> None:
    for path in ("a/V1__x.sql", "a/sub/V2__x.sql", "b/V3__x.sql", "other/V4__x.sql"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("select 1;")
    options = {"locations": ["filesystem:a", "a/sub", "filesystem:b"]}
    reading = folder.read_release(FLYWAY, tmp_path, Path("other"), options)
    found = [(one.label, one.script, one.up.file.shown) for one in reading.release.migrations]
    assert found == [
        ("1", "V1__x.sql", "a/V1__x.sql"),
        ("2", "sub/V2__x.sql", "a/sub/V2__x.sql"),
        ("3", "V3__x.sql", "b/V3__x.sql"),
    ]


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("classpath:db", "no folder"),
        ("s3:bucket", "no folder"),
        ("s3:b*", "no folder"),
        ("db/**", "finds nothing"),
        ("/db/*", "is absolute"),
    ],
)
def test_a_location_that_is_no_folder_is_refused(location: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        FLYWAY.folders(Path("sql"), {"locations": location})


@pytest.mark.parametrize("option", ["callbackLocations", "jarDirs"])
def test_wildcards_stand_for_folders_of_migrations_only(option: str) -> None:
    with pytest.raises(ConfigurationError, match="stands for several folders"):
        FLYWAY.folders(Path("sql"), {option: ["db/*"]})


@pytest.mark.parametrize(
    ("location", "scripts"),
    [
        ("db/*", ["V1__x.sql", "sub/V2__x.sql"]),
        ("db/?", ["V1__x.sql", "sub/V2__x.sql"]),
        ("filesystem:db/**/sub", ["V2__x.sql"]),
        ("*/a/", ["V1__x.sql", "sub/V2__x.sql"]),
        ("filesystem:./db//*/", ["V1__x.sql", "sub/V2__x.sql"]),
        ("db/a*", []),
    ],
)
def test_wildcards_stand_for_the_folders_that_flyway_finds(
    tmp_path: Path, location: str, scripts: list[str]
) -> None:
    for name in ("db/a/V1__x.sql", "db/a/sub/V2__x.sql", "db/V3__x.sql", "V4__x.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("select 1")
    reading = folder.read_release(FLYWAY, tmp_path, Path("db"), {"locations": [location]})
    assert [one.script for one in reading.release.migrations] == scripts


def test_callbacks_of_a_location_of_their_own_are_taken_beside_wildcards(tmp_path: Path) -> None:
    for name in ("db/a/V1__x.sql", "calls/afterMigrate.sql"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("select 1")
    options = {"locations": ["db/*"], "callbackLocations": ["calls"]}
    release = folder.read_release(FLYWAY, tmp_path, Path("db"), options).release
    assert [one.script.file.path for one in release.callbacks] == ["afterMigrate.sql"]


def test_packages_of_a_settings_file_count_where_the_jars_are_named(tmp_path: Path) -> None:
    (tmp_path / "flyway.conf").write_text(
        "flyway.locations=filesystem:db,classpath:m\nflyway.jarDirs=drivers\n"
    )
    made = folder.configured(FLYWAY, tmp_path, Path("db"), {"jarDirs": ["libs"]})
    assert made.options["locations"] == ["filesystem:db", "classpath:m"]
    assert made.options["jarDirs"] == ["libs"]


def test_callbacks_of_their_own_location_are_the_only_ones(tmp_path: Path) -> None:
    for path in ("sql/V1__x.sql", "sql/beforeMigrate.sql", "calls/afterMigrate.sql", "calls/V2__x.sql"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("select 1;")
    options = {"callbackLocations": "filesystem:calls"}
    release = folder.read_release(FLYWAY, tmp_path, Path("sql"), options).release
    assert [one.label for one in release.migrations] == ["1"]
    assert [one.script.file.path for one in release.callbacks] == ["afterMigrate.sql"]
