"""Jars: what is compiled, and scripts, in the packages that locations name."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.flyway import jars
from pipeline.formats.model import Migration, Reading, SourceFile

FLYWAY = FORMATS["flyway"]
OPTIONS = {"locations": ["filesystem:migrations", "classpath:db/migration"], "jarDirs": ["libs"]}
ENTRIES = {
    "db/migration/V2__Do_it.class": b"2",
    "db/migration/deep/V3__More.class": b"3",
    "db/migration/V2__Do_it$1.class": b"inner",
    "db/migration/Helper.class": b"helper",
    "db/migration/sub/V4__four.sql": b"select 4",
    "db/migration/readme.txt": b"hello",
    "other/V9__elsewhere.class": b"9",
}


def jar(entries: dict[str, bytes], name: str = "libs/app.jar") -> SourceFile:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for entry, content in entries.items():
            archive.writestr(entry, content)
    return SourceFile(name.rpartition("/")[2], name, made.getvalue())


def read(*files: SourceFile) -> Reading:
    return FLYWAY.read(files, OPTIONS)


def named(one: Migration) -> tuple[str | None, str, str, str | None, str]:
    return (one.version, one.name, one.script, one.type, one.up.file.shown)


def test_a_jar_has_classes_and_scripts_in_the_named_package() -> None:
    reading = read(jar(ENTRIES), SourceFile("V1__a.sql", "migrations/V1__a.sql", b"select 1"))
    assert [named(one) for one in reading.release.migrations] == [
        ("1", "a", "V1__a.sql", "SQL", "migrations/V1__a.sql"),
        ("2", "Do it", "db.migration.V2__Do_it", "JDBC", "libs/app.jar!/db/migration/V2__Do_it.class"),
        ("3", "More", "db.migration.deep.V3__More", "JDBC", "libs/app.jar!/db/migration/deep/V3__More.class"),
        ("4", "four", "sub/V4__four.sql", "SQL", "libs/app.jar!/db/migration/sub/V4__four.sql"),
    ]
    assert {(one.rule, str(one.location)) for one in reading.findings} == {
        ("only-by-tool", "libs/app.jar!/db/migration/V2__Do_it.class"),
        ("only-by-tool", "libs/app.jar!/db/migration/deep/V3__More.class"),
    }


def test_the_folder_of_jars_has_nothing_else_for_us() -> None:
    assert read(SourceFile("V7__x.sql", "libs/V7__x.sql", b"select 7")).release.migrations == ()


@pytest.mark.parametrize("content", [b"", b"PK", jar(ENTRIES).content[:-60], jar(ENTRIES).content[:200]])
def test_a_broken_jar_is_named(content: bytes) -> None:
    reading = read(SourceFile("app.jar", "libs/app.jar", content))
    assert [(one.rule, one.refuses, str(one.location)) for one in reading.findings] == [
        ("file", True, "libs/app.jar")
    ]


def test_a_jar_whose_bytes_were_changed_is_named() -> None:
    content = jar(ENTRIES).content.replace(b"select 4", b"select 5")
    assert "is not read" in read(SourceFile("app.jar", "libs/app.jar", content)).findings[0].message


def test_what_is_held_back_is_not_handed_over() -> None:
    whole = jar(ENTRIES)
    left = jars.without(whole, {"libs/app.jar!/db/migration/V2__Do_it.class"})
    with ZipFile(BytesIO(left)) as archive:
        assert archive.namelist() == [name for name in ENTRIES if name != "db/migration/V2__Do_it.class"]
        assert archive.read("db/migration/Helper.class") == b"helper"


def test_without_a_folder_of_jars_a_package_is_no_place() -> None:
    with pytest.raises(ConfigurationError, match="classpath:db/migration is no folder"):
        FLYWAY.folders(Path("migrations"), {"locations": ["classpath:db/migration"]})
    assert FLYWAY.folders(Path("migrations"), OPTIONS) == (Path("migrations"), Path("libs"))


def test_the_next_migration_counts_those_in_jars() -> None:
    compiled = jar({"db/migration/V2__Do_it.class": b"2"})
    release = read(compiled, SourceFile("V1__a.sql", "migrations/V1__a.sql", b"select 1")).release
    made = FLYWAY.next_files(release, "more", datetime(2027, 1, 31, tzinfo=UTC), OPTIONS)
    assert made == ("V3__more.sql", "U3__more.sql")
