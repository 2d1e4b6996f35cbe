"""How long we may wait and make others wait."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """The bounds of one environment.

    ``first_wait`` and ``last_wait`` bound how long others may queue behind us for a table (escalating from
    the one to the other), ``hold`` how long we keep a strong lock, ``statement`` an ordinary statement,
    ``online`` one that builds or validates without blocking, ``advisory_lock`` how long we ask for locks.
    """

    first_wait: timedelta = timedelta(milliseconds=50)
    last_wait: timedelta = timedelta(milliseconds=100)
    hold: timedelta = timedelta(seconds=1)
    statement: timedelta = timedelta(minutes=15)
    online: timedelta = timedelta(hours=6)
    advisory_lock: timedelta = timedelta(seconds=60)
