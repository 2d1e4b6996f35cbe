import os
import stat
import tempfile
from pathlib import Path

import pytest

from pipeline.throwaway.places import (
    LONGEST_SOCKET_FOLDER,
    SHARED_MEMORY,
    Account,
    on_memory,
    plenty_of_memory,
    reachable,
    socket_folder,
    throwaway_base,
)

STRANGER = Account("stranger", 12345, 12345)


def test_a_stranger_cannot_reach_what_lies_in_a_closed_folder(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed" / "file").touch(mode=0o755)
    assert not reachable(tmp_path / "closed" / "file", STRANGER)
    assert reachable(tmp_path / "closed" / "file", None)


def test_everybody_can_reach_what_the_system_installs() -> None:
    assert reachable(Path("/usr/bin"), STRANGER)


def test_a_socket_lies_within_the_cluster_when_its_path_is_short() -> None:
    assert socket_folder(Path("/srv/shop/dev"), None) == Path("/srv/shop/dev/sockets")


@pytest.fixture
def long_home() -> Path:
    """A path of its own for every test that is too long for a socket."""
    return Path("/srv") / os.urandom(8).hex() / ("x" * LONGEST_SOCKET_FOLDER)


def test_a_socket_of_a_long_path_lies_in_a_private_folder_elsewhere(long_home: Path) -> None:
    folder = socket_folder(long_home, None)
    assert len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert socket_folder(long_home, None) == folder
    folder.rmdir()


def test_a_socket_folder_that_others_may_enter_is_not_used(long_home: Path) -> None:
    squatted = socket_folder(long_home, None)
    squatted.chmod(0o777)
    other = socket_folder(long_home, None)
    assert other != squatted
    assert stat.S_IMODE(other.stat().st_mode) == 0o700
    other.rmdir()
    squatted.rmdir()


def test_a_socket_folder_that_is_a_link_is_not_used(long_home: Path, tmp_path: Path) -> None:
    squatted = socket_folder(long_home, None)
    squatted.rmdir()
    squatted.symlink_to(tmp_path)
    other = socket_folder(long_home, None)
    assert other != squatted
    other.rmdir()
    squatted.unlink()


def test_a_database_larger_than_the_machine_goes_to_disk() -> None:
    assert not plenty_of_memory(1 << 60)
    assert throwaway_base(None, 1 << 60) == Path(tempfile.gettempdir()).resolve()


@pytest.mark.skipif(not SHARED_MEMORY.exists(), reason="this system has no /dev/shm")
def test_a_memory_file_system_is_known_as_one() -> None:
    assert on_memory(SHARED_MEMORY)
    assert not on_memory(Path(__file__))
