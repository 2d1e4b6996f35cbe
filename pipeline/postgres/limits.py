"""How long we may wait and make others wait."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

MILLISECOND = timedelta(milliseconds=1)
UNITS = {
    "ms": MILLISECOND,
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


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

    @property
    def unhurried(self) -> "Limits":
        """Those of a transactional script that makes nobody wait: it may wait for a lock, and take its time."""
        wait = self.advisory_lock
        return replace(self, first_wait=wait, last_wait=wait, statement=self.online)

    def of_a_script(self, wait: timedelta) -> dict[str, str]:
        """The settings of a transactional script in one try, in which it waits so long for a table lock."""
        return {"lock_timeout": spelt(wait), "statement_timeout": spelt(self.statement)}

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a transactional script; its lock_timeout grows from try to try."""
        waits = (spelt(self.first_wait), spelt(self.last_wait))
        return {"lock_timeout": "..".join(dict.fromkeys(waits)), "statement_timeout": spelt(self.statement)}


@lru_cache
def spelt(limit: timedelta) -> str:
    """A limit as the server spells it: whole milliseconds, one at least, in the largest unit that fits."""
    whole = max(1, round(limit / MILLISECOND)) * MILLISECOND
    unit = max((name for name, length in UNITS.items() if not whole % length), key=UNITS.__getitem__)
    return f"{whole // UNITS[unit]}{unit}"
