"""The digest of a release, its description, and its scripts for the lint."""

import hashlib

from pipeline.formats import FORMATS
from pipeline.formats.release import describe
from pipeline.formats.subjects import subjects
from pipeline.sql.subject import Direction
from tests.unit.formats.build import sources

FLYWAY = FORMATS["flyway"]
FILES = {"V1__a.sql": "select 1", "V2__b.sql": "select 2", "U2__b.sql": "select 3"}


def digest(files: dict[str, str]) -> str:
    return FLYWAY.read(sources(files), {}).release.digest


def test_the_same_files_have_the_same_digest() -> None:
    assert digest(FILES) == digest(dict(reversed(FILES.items())))
    assert digest(FILES).startswith("sha256:")


def test_every_byte_and_every_name_counts() -> None:
    others: list[dict[str, str]] = [
        {**FILES, "V1__a.sql": "select 1 "},
        {**FILES, "V1__a.sql": "select 1\r\n"},
        {**FILES, "U2__b.sql": "select 4"},
        {"V1__a2.sql": "select 1", "V2__b.sql": "select 2", "U2__b.sql": "select 3"},
        {"V1__a.sql": "select 1", "V2__b.sql": "select 2"},
        {},
    ]
    assert len({digest(FILES), *map(digest, others)}) == len(others) + 1


def test_moving_bytes_between_files_changes_the_digest() -> None:
    first = digest({"V1__a.sql": "select 1;select 2;", "V2__b.sql": ""})
    assert first != digest({"V1__a.sql": "select 1;", "V2__b.sql": "select 2;"})


def test_the_description_names_each_migration_with_its_sum() -> None:
    release = FLYWAY.read(sources({"V1__a_b.sql": "select 1"}), {}).release
    assert describe(release) == {
        "format": "flyway",
        "digest": release.digest,
        "migrations": [
            {
                "version": "1",
                "name": "a b",
                "file": "migrations/V1__a_b.sql",
                "sha256": hashlib.sha256(b"select 1").hexdigest(),
            }
        ],
    }


def test_the_lint_sees_each_script_with_what_is_known_of_its_migration() -> None:
    release = FLYWAY.read(sources({**FILES, "R__v.sql": "select 5"}), {}).release
    seen = [
        (each.label, each.path, each.direction, each.has_down, each.repeatable) for each in subjects(release)
    ]
    assert seen == [
        ("1", "migrations/V1__a.sql", Direction.UP, False, False),
        ("2", "migrations/V2__b.sql", Direction.UP, True, False),
        ("2", "migrations/U2__b.sql", Direction.DOWN, False, False),
        ("v", "migrations/R__v.sql", Direction.UP, False, True),
    ]


def test_the_lint_sees_callbacks_once_and_last() -> None:
    called = {"beforeEachMigrate.sql": "select 6", "afterMigrate.sql": "select 7"}
    seen = subjects(FLYWAY.read(sources({**FILES, **called}), {}).release)
    assert [(each.label, each.direction) for each in seen[-2:]] == [
        ("beforeEachMigrate.sql", Direction.CALL),
        ("afterMigrate.sql", Direction.CALL),
    ]
    assert len(seen) == len(FILES) + len(called)
