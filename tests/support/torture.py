"""How hard the tests push: a little on every run, more for ``make torture``."""

import os

VARIABLE = "PIPELINE_TORTURE"


def times(usual: int) -> int:
    """``usual``, or as many times more as the environment asks for."""
    return usual * int(os.environ.get(VARIABLE, "1"))
