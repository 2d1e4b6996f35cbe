"""How hard the tests push: a little on every run, to the full depth for ``make torture``."""

import os

VARIABLE = "PIPELINE_TORTURE"


def times(usual: int) -> int:
    """``usual``, or as many times more as the environment asks for."""
    return usual * _factor()


def at_depth(usual: int, deep: int) -> int:
    """``usual``, or ``deep`` where the environment asks for more: for what does not just multiply."""
    return deep if tortured() else usual


def tortured() -> bool:
    """Whether more is asked for than a usual run."""
    return _factor() > 1


def _factor() -> int:
    return int(os.environ.get(VARIABLE, "1"))
