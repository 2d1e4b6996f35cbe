"""PostgreSQL in a home that the server's user may not enter."""

import os
import shutil
from pathlib import Path

import pytest

from pipeline.programs.installations import Installation, choose
from pipeline.throwaway.binaries import within_reach
from pipeline.throwaway.cluster import start_throwaway
from pipeline.throwaway.places import reachable, server_account

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")


@pytest.fixture
def closed(base: Path) -> Installation:
    """An installation in a folder of ours alone."""
    real = choose(18, os.environ)
    folder = base / "home"
    folder.mkdir(mode=0o700)
    package = real.bindir.parents[1]
    shutil.copytree(package, folder / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return Installation(18, folder / real.bindir.relative_to(package.parent), real.origin)


def test_programs_in_a_closed_home_are_copied_once_and_run(base: Path, closed: Installation) -> None:
    account = server_account()
    assert not reachable(closed.program("postgres"), account)
    cache = base / "cache"
    cache.mkdir(mode=0o755)
    copy = within_reach(closed, account, cache)
    assert copy.bindir.is_relative_to(cache)
    with start_throwaway(base, copy) as server:
        assert server.version.startswith("18")
    made = copy.program("postgres").stat().st_mtime_ns
    assert within_reach(closed, account, cache) == copy
    assert copy.program("postgres").stat().st_mtime_ns == made
    assert len(list(cache.iterdir())) == 1
