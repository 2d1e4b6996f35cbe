import contextlib
import socket
import subprocess

import pytest

from tests.unit.conftest import Reached


def test_a_unit_test_that_opens_a_socket_is_stopped() -> None:
    with pytest.raises(Reached):
        socket.socket()


def test_a_unit_test_that_starts_a_process_is_stopped() -> None:
    with pytest.raises(Reached):
        subprocess.run(["/bin/true"], check=True)


def test_not_even_except_exception_hides_that_a_unit_test_reached_outside() -> None:
    with pytest.raises(Reached), contextlib.suppress(Exception):
        socket.socket()
