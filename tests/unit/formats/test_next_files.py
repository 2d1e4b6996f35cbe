"""A new migration gets the next version, written as the team writes versions."""

from datetime import UTC, datetime

import pytest

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.succession import successor
from tests.unit.formats.build import names

NOW = datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC)

STYLES = [
    ("1", "2"),
    ("9", "10"),
    ("009", "010"),
    ("999", "1000"),
    ("1.2.9", "1.2.10"),
    ("1_02", "1_03"),
    ("0", "1"),
    ("20240102030405", "20261123040506"),
    ("202401020304", "202611230405"),
    ("20240102", "20261123"),
    ("1700000000", str(int(NOW.timestamp()))),
    ("20261123040506", "20261123040507"),
    ("20991231235959", "20991231235960"),
    ("12345678", "12345679"),
    ("99999999999999", "100000000000000"),
]


@pytest.mark.parametrize(("last", "following"), STYLES)
def test_the_next_version_is_written_as_the_last_one_is(last: str, following: str) -> None:
    assert successor(last, NOW) == following


NEXT: list[tuple[str, list[str], tuple[str, str]]] = [
    ("flyway", [], ("V1__add_it.sql", "U1__add_it.sql")),
    ("flyway", ["V001__a.sql", "V002__b.sql", "R__v.sql"], ("V003__add_it.sql", "U003__add_it.sql")),
    ("flyway", ["old/V9__a.sql", "new/V10__b.sql"], ("new/V11__add_it.sql", "new/U11__add_it.sql")),
    ("flyway", ["V20.sql"], ("V21__add_it.sql", "U21__add_it.sql")),
    ("flyway", ["V2__a.sql", "B3__all.sql"], ("V4__add_it.sql", "U4__add_it.sql")),
    ("flyway", ["V1_9__a.sql"], ("V1_10__add_it.sql", "U1_10__add_it.sql")),
    ("golang-migrate", [], ("000001_add_it.up.sql", "000001_add_it.down.sql")),
    ("golang-migrate", ["9_a.up.sql", "10_b.up.sql"], ("11_add_it.up.sql", "11_add_it.down.sql")),
    ("prisma", [], ("20261123040506_add_it/migration.sql", "20261123040506_add_it/down.sql")),
    (
        "prisma",
        ["20300101000000_a/migration.sql"],
        ("20300101000001_add_it/migration.sql", "20300101000001_add_it/down.sql"),
    ),
]


@pytest.mark.parametrize(("name", "there", "made"), NEXT)
def test_the_next_files_belong_beside_the_last_ones(name: str, there: list[str], made: tuple[str, str]) -> None:
    tool = FORMATS[name]
    release = tool.read(names(*there), {}).release
    assert tool.next_files(release, "add it!", NOW, {}) == made
    read = tool.read(names(*there, *made), {}).release
    assert len(read.migrations) == len(release.migrations) + 1
    assert read.migrations[-1].down is not None or read.migrations[-1].version is None


@pytest.mark.parametrize("name", FORMATS)
def test_a_name_of_which_nothing_is_left_is_refused(name: str) -> None:
    tool = FORMATS[name]
    with pytest.raises(ConfigurationError, match="no name for a migration"):
        tool.next_files(tool.read([], {}).release, " /../ ", NOW, {})
