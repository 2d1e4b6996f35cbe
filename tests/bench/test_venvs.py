"""What cannot be installed leaves its contender out, with the reason."""

import sys

import pytest

from bench.contest import LeftOut
from bench.venvs import _run


def test_a_step_that_fails_says_why() -> None:
    with pytest.raises(LeftOut, match="failed: no way to the index"):
        _run(sys.executable, "-c", "raise SystemExit('no way to the index')")


def test_a_step_that_works_is_silent() -> None:
    _run(sys.executable, "-c", "pass")
