"""Folders become Flyway releases; what Flyway would look at and we do not run is never passed over."""

import pytest

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.model import Kind
from tests.unit.formats.build import names, rules, sources

FLYWAY = FORMATS["flyway"]


def test_versions_come_in_order_and_repeatables_behind_them() -> None:
    reading = FLYWAY.read(
        names("R__b.sql", "V10__x.sql", "V2__x.sql", "sub/V1.1__x.sql", "R__a.sql", "V1__x.sql"), {}
    )
    assert reading.findings == ()
    assert [migration.label for migration in reading.release.migrations] == ["1", "1.1", "2", "10", "a", "b"]
    assert [migration.kind for migration in reading.release.migrations][-2:] == [Kind.REPEATABLE] * 2


def test_a_migration_knows_its_file_checksum_undo_and_declaration() -> None:
    text = '-- pipeline: irreversible reason="gone"\r\ndrop table t;\r\n'
    reading = FLYWAY.read(
        sources({"a/V1_1__drop_it.sql": "\ufeff" + text, "U1.1.0__other.sql": "select 1"}), {}
    )
    (migration,) = reading.release.migrations
    assert (migration.version, migration.name, migration.script) == ("1.1", "drop it", "a/V1_1__drop_it.sql")
    assert migration.checksum == checksum(text)
    assert migration.irreversible == "gone"
    assert migration.up.sql == text
    assert migration.up.file.shown == "migrations/a/V1_1__drop_it.sql"
    assert migration.down is not None
    assert migration.down.sql == "select 1"


@pytest.mark.parametrize(
    ("paths", "rule"),
    [
        (["V1__a.sql", "x/V1.0__b.sql"], ("duplicate", "error")),
        (["R__a_b.sql", "R__a b.sql"], ("duplicate", "error")),
        (["V1__a.sql", "U1__a.sql", "U01__b.sql"], ("duplicate", "error")),
        (["U1__a.sql"], ("undo-without-migration", "error")),
        (["V001_create_users.sql"], ("file-name", "error")),
        (["v1__a.sql"], ("file-name", "error")),
        (["seed.sql"], ("file-name", "warning")),
        (["B1__a.sql", "B1.0__b.sql"], ("duplicate", "error")),
        (["beforeMigrate__x.sql", "a/beforeMigrate__x.sql"], ("duplicate", "error")),
        (["beforeEachMigrateStatement.sql"], ("only-by-tool", "error")),
        (["afterClean.sql"], ("callback", "warning")),
        (["V1__a.sql.conf"], ("script-settings", "warning")),
        (["V2__a.java"], ("only-by-tool", "error")),
        (["V2__a.sh"], ("only-by-tool", "error")),
        (["V2__a"], ("only-by-tool", "error")),
        (["afterMigrate.sh"], ("only-by-tool", "error")),
    ],
)
def test_what_cannot_be_run_is_named(paths: list[str], rule: tuple[str, str]) -> None:
    findings = FLYWAY.read(names(*paths), {}).findings
    assert rules(findings) == [rule]
    assert findings[0].location is not None
    assert findings[0].location.file.removeprefix("migrations/") in paths


def test_a_strict_naming_makes_every_stranger_an_error() -> None:
    assert rules(FLYWAY.read(names("seed.sql"), {"validateMigrationNaming": True}).findings) == [
        ("file-name", "error")
    ]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("V1__a.sql", True),
        (".V1__a.sql", True),
        ("sub/V1__a.SQL", True),
        ("sub/", True),
        (".git/", False),
        ("a/.hidden/", False),
        ("README.md", False),
        ("Makefile", False),
        ("V2__a.py", True),
        ("V2__a", True),
        ("V1__a.sql.conf", True),
        ("flyway.toml", False),
    ],
)
def test_only_what_flyway_might_look_at_is_read(path: str, wanted: bool) -> None:
    assert FLYWAY.wanted({})(path) is wanted


def test_placeholders_change_what_runs_but_only_a_repeatables_checksum() -> None:
    options = {"placeholders": {"t": "orders", "n": 3}}
    files = sources({"V1__a.sql": "drop table ${t};", "R__v.sql": "select ${n};"})
    versioned, repeatable = FLYWAY.read(files, options).release.migrations
    assert versioned.up.sql == "drop table orders;"
    assert versioned.checksum == checksum("drop table ${t};")
    assert repeatable.checksum == checksum("select 3;")


def test_a_missing_placeholder_is_shown_at_its_place() -> None:
    (finding,) = FLYWAY.read(sources({"V1__a.sql": "select 1;\n-- é ${nobody}"}), {}).findings
    assert (finding.rule, str(finding.location)) == ("placeholder", "migrations/V1__a.sql:2:6")


@pytest.mark.parametrize("content", [b"select '\xe9'", b"select 1;\0", "select 1; -- \u202e".encode()])
def test_a_file_that_is_not_plain_text_is_no_part_of_the_release(content: bytes) -> None:
    reading = FLYWAY.read(sources({"V1__a.sql": content, "V2__b.sql": "select 1"}), {})
    assert rules(reading.findings) == [("text", "error")]
    assert [migration.label for migration in reading.release.migrations] == ["2"]


def test_another_encoding_is_decoded_when_it_is_named() -> None:
    (migration,) = FLYWAY.read(
        sources({"V1__a.sql": b"select '\xe9'"}), {"encoding": "ISO-8859-1"}
    ).release.migrations
    assert migration.up.sql == "select 'é'"
    assert migration.checksum == checksum("select 'é'")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tabel": "x"}, "did you mean table?"),
        ({"initSql": "select 1"}, "not built"),
        ({"ignoreMigrationPatterns": "*:late"}, "no pattern of Flyway's"),
        ({"outOfOrder": True}, "migrations.out_of_order"),
        ({"table": 3}, "table must be a text"),
        ({"table": ""}, "table must be a text"),
        ({"placeholders": ["a"]}, "placeholders must be a mapping"),
        ({"placeholders": {"a": ["b"]}}, "placeholders must be a mapping"),
        ({"placeholderReplacement": "no"}, "must be true or false"),
        ({"sqlMigrationSuffixes": []}, "must be a list"),
        ({"sqlMigrationSuffixes": [1]}, "must be a list"),
        ({"encoding": "UTF-9"}, "no encoding UTF-9"),
    ],
)
def test_an_option_that_does_not_work_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FLYWAY.read([], options)
    assert said in str(caught.value)


def test_options_have_flyways_own_names() -> None:
    options = {"sqlMigrationPrefix": "S", "sqlMigrationSeparator": "-", "sqlMigrationSuffixes": ".ddl, .sql"}
    assert [
        migration.label for migration in FLYWAY.read(names("S1-a.ddl", "S2-b.sql"), options).release.migrations
    ] == [
        "1",
        "2",
    ]
