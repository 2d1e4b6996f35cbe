"""environments.lock is what we write, or refused with what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import pins
from pipeline.config.load import load
from pipeline.config.pins import Pin
from pipeline.errors import ConfigurationError
from pipeline.postgres.target import Target

PROD = Pin("shop", "16384", "7300000000000000001", "db1:5432")
FILE = """\
version: 1
project: shop
migrations: {format: flyway, path: migrations}
environments:
  prod: {database: {url: "${URL}"}}
"""

DAMAGED = {
    "no JSON": "version: 1",
    "no UTF-8": b"\xff",
    "a list": "[]",
    "another version": '{"version": 2, "environments": {}}',
    "another key": '{"version": 1, "environments": {}, "more": 1}',
    "a key twice": '{"version": 1, "version": 1, "environments": {}}',
    "a pin without an oid": '{"version": 1, "environments": {"prod": {"database": "shop"}}}',
    "a pin that is no mapping": '{"version": 1, "environments": {"prod": 1}}',
    "an oid that is no text": pins.document({"prod": PROD}).replace('"16384"', "16384"),
    "an environment that is not there": pins.document({"prdo": PROD}),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "environments.yaml").write_text(FILE)
    (tmp_path / "migrations").mkdir()
    return tmp_path


def test_what_is_written_is_read(root: Path) -> None:
    pins.file_of(root).write_text(pins.document({"prod": PROD}))
    assert load(root / "environments.yaml", {}).pins == {"prod": PROD}


def test_without_the_file_nothing_is_pinned(root: Path) -> None:
    assert load(root / "environments.yaml", {}).pins == {}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_file_that_is_not_ours_is_refused_with_its_name(root: Path, damage: str) -> None:
    content = DAMAGED[damage]
    pins.file_of(root).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigurationError) as refusal:
        load(root / "environments.yaml", {})
    assert (refusal.value.where, bool(refusal.value.todo)) == (pins.LOCK_FILE, True)


def test_a_misspelt_environment_is_asked_about(root: Path) -> None:
    pins.file_of(root).write_text(pins.document({"prdo": PROD}))
    with pytest.raises(ConfigurationError) as refusal:
        load(root / "environments.yaml", {})
    assert refusal.value.todo == "did you mean `prod`?"


def test_a_difference_says_what_is_pinned_and_what_was_found() -> None:
    found = replace(PROD, endpoint="db2:5432", system_identifier="")
    assert PROD.differences(found) == (
        "system identifier unknown, pinned 7300000000000000001",
        "endpoint db2:5432, pinned db1:5432",
    )


@pytest.mark.parametrize(
    ("parameters", "endpoint"),
    [
        ({"host": "db1", "port": "5433"}, "db1:5433"),
        ({"host": "db1"}, "db1:5432"),
        ({"host": "a,b", "port": "1,2"}, "a:1,b:2"),
        ({"host": "a,b", "port": "1"}, "a:1,b:1"),
        ({"host": "a,b"}, "a:5432,b:5432"),
        ({}, "local:5432"),
    ],
)
def test_an_endpoint_is_where_the_url_points(parameters: dict[str, str], endpoint: str) -> None:
    assert Target("prod", lambda: parameters).endpoint == endpoint
