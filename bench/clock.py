"""The clock of a script that times itself: its imports and its interpreter's start are no part of it.

It needs nothing but Python, since scripts of other programs run in venvs of their own.
"""

import time
from collections.abc import Callable


def against_the_clock(work: Callable[[], object]) -> None:
    """Work once; print wall and CPU seconds, as ``measure`` reads them."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    print(time.perf_counter() - wall, time.process_time() - cpu)
