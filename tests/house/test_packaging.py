"""What is built and what is installed: our package and no other, pinned, from whatever registry there is."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import ROOT, own_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONSTRAINTS = (ROOT / "constraints.txt").read_text().splitlines()
PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.+!]*)( ; .+)?")
BUILD = "from setuptools import build_meta; build_meta.build_wheel('dist')"
OURS = "dbpipeline"


def required() -> list[Requirement]:
    """Everything that pyproject.toml asks for, whoever it is for."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    asked = [*project["dependencies"], *(one for extra in extras for one in extra)]
    return [Requirement(one) for one in (*asked, *PROJECT["build-system"]["requires"])]


def strangers(names: Iterable[str]) -> list[str]:
    """Distributions that have our command's name and are somebody else's."""
    return [name for name in names if canonicalize_name(name) == "pipeline"]


def pins(lines: Iterable[str]) -> dict[str, str]:
    """The versions by name; raises AssertionError for a line that is anything but a pin."""
    matches = {line: PIN.fullmatch(line) for line in lines}
    assert all(matches.values()), [line for line, match in matches.items() if not match]
    return {canonicalize_name(match[1]): match[2] for match in matches.values() if match}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """Built by the real backend from a copy of what git has, without reaching for a registry."""
    copy = tmp_path_factory.mktemp("copy")
    for file in own_files():
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, copy / file)
    (copy / "dist").mkdir()
    subprocess.run([sys.executable, "-c", BUILD], cwd=copy, check=True, capture_output=True)
    (built,) = (copy / "dist").glob("*.whl")
    return ZipFile(built)


def test_the_wheel_holds_the_package_alone(wheel: ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pipeline"}


def test_the_wheel_holds_every_file_of_the_package(wheel: ZipFile) -> None:
    ours = {file.as_posix() for file in own_files() if file.parts[0] == "pipeline"}
    assert ours - set(wheel.namelist()) == set()


def test_the_wheel_carries_the_license_and_one_command(wheel: ZipFile) -> None:
    names = {Path(name).name: name for name in wheel.namelist() if ".dist-info/" in name}
    assert wheel.read(names["LICENSE"]) == (ROOT / "LICENSE").read_bytes()
    commands = wheel.read(names["entry_points.txt"]).decode().splitlines()
    assert commands[0] == "[console_scripts]"
    assert [line.partition(" = ")[0] for line in commands[1:] if line] == ["pipeline"]


def test_the_distribution_and_its_extras_name_no_stranger() -> None:
    assert PROJECT["project"]["name"] == OURS
    assert not strangers(one.name for one in required())
    assert not strangers(pins(CONSTRAINTS))


def test_a_stranger_is_noticed() -> None:
    assert strangers(["Pipeline", "psycopg"]) == ["Pipeline"]


def test_constraints_pin_versions_and_nothing_else() -> None:
    assert len(pins(CONSTRAINTS)) == len(CONSTRAINTS)


@pytest.mark.parametrize(
    "line", ["--index-url x", "x @ https://a/x.whl", "x>=1", "x==1 --hash=sha256:0", "-e .", "x==1 # a", ""]
)
def test_a_line_that_is_no_pin_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        pins([line])


def test_everything_asked_for_is_pinned_within_its_range() -> None:
    pinned = pins(CONSTRAINTS)
    outside = [
        f"{one} is pinned to {pinned.get(canonicalize_name(one.name))}"
        for one in required()
        if not one.specifier.contains(pinned.get(canonicalize_name(one.name), "0"), prereleases=True)
    ]
    assert not outside


def test_what_is_installed_here_is_what_is_pinned() -> None:
    listed = json.loads(_python("-c", LIST))
    pinned = pins(CONSTRAINTS)
    differing = {name: version for name, version in listed.items() if pinned.get(name, version) != version}
    assert not differing


LIST = (
    "import importlib.metadata as m, json, re;"
    "print(json.dumps({re.sub('[-_.]+', '-', d.name).lower(): d.version for d in m.distributions()}))"
)


def _python(*arguments: str) -> str:
    ended = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return ended.stdout
