"""Finding environments.yaml."""

import os
from pathlib import Path

import pytest

from pipeline.config import load
from pipeline.errors import ConfigurationError
from tests.unit.config.samples import SMALL


def test_the_nearest_file_up_to_the_git_root_is_found(tmp_path: Path) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / "environments.yml").write_text(SMALL)
    inner = tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    assert load.find({}, inner) == tmp_path / "repository" / "environments.yml"


def test_nothing_above_the_git_root_is_used(tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text(SMALL)
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=r"there is no environments\.yaml"):
        load.find({}, tmp_path / "repository")


def test_outside_of_git_only_the_folder_itself_counts(tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text(SMALL)
    (tmp_path / "inner").mkdir()
    assert load.find({}, tmp_path) == tmp_path / "environments.yaml"
    with pytest.raises(ConfigurationError, match=r"there is no environments\.yaml"):
        load.find({}, tmp_path / "inner")


def test_two_files_side_by_side_are_one_too_many(tmp_path: Path) -> None:
    for name in load.NAMES:
        (tmp_path / name).write_text(SMALL)
    with pytest.raises(ConfigurationError, match="both"):
        load.find({}, tmp_path)


def test_the_argument_comes_before_the_variable(tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(SMALL)
    environ = {"PIPELINE_CONFIG": str(tmp_path / "two.yaml")}
    assert load.load(tmp_path / "one.yaml", environ).file == tmp_path / "one.yaml"
    assert load.load(None, environ).file == tmp_path / "two.yaml"


@pytest.mark.parametrize("name", ["absent.yaml", ".", "fifo", "a/b"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "a").touch()
    with pytest.raises(ConfigurationError) as caught:
        load.load(tmp_path / name, {})
    assert caught.value.todo
