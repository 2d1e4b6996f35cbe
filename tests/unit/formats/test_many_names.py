"""Twenty thousand names, as careless people and hostile ones might write them."""

import random

import pytest

from pipeline.formats import FORMATS
from pipeline.formats.model import Reading, SourceFile

# fmt: off
PARTS = (
    "V", "U", "R", "B", "v", "1", "01", "2.3", "-4", "+5", "9" * 60, "_", "__", "___", ".", "..", " ", "é",
    "😀", "\n", "\u202e", "\0", "/", "\\", "%s", "{x}", "$(id)", "beforeMigrate", "latest", "up", "down", ".up",
    ".down", ".sql", ".SQL", ".conf", ".java", ".sh", ".bak", "~", "migration", "٣",
)
# fmt: on


@pytest.fixture(scope="module")
def paths() -> list[str]:
    chance = random.Random(20240131)  # noqa: S311  # the same names in every run
    return ["".join(chance.choices(PARTS, k=chance.randint(1, 8))) for _ in range(20_000)]


def read(name: str, path: str) -> Reading:
    tool = FORMATS[name]
    return tool.read([SourceFile(path, path, b"select 1")] if tool.wanted({})(path) else [], {})


@pytest.mark.parametrize("name", FORMATS)
def test_every_name_that_is_wanted_becomes_a_migration_or_a_finding(name: str, paths: list[str]) -> None:
    for path in paths:
        if not path.endswith("/") and FORMATS[name].wanted({})(path):
            reading = read(name, path)
            release = reading.release
            noticed = len(release.migrations) + len(release.callbacks) + len(reading.findings)
            assert noticed or path == "migration_lock.toml", path
