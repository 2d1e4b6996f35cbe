"""The five hundred migrations again, on a disk that takes 0.8 ms to make a commit durable.

Whoever commits less often gains by it; a disk whose cache answers at once hides that. The server itself waits
(``commit_delay``), for all contenders alike, on top of what the machine's own disk takes.
"""

from functools import partial

from bench.contest import Workload
from bench.workloads.many import AIMS, contenders, prepare

FLUSH_DELAY = 700
"""In µs; together with a disk that takes 100 µs it makes 0.8 ms, as cloud disks and plain SSDs take."""

WORKLOAD = Workload(
    name="many-slow-disk",
    question="how long do 500 small migrations take where a commit takes 0.8 ms?",
    rounds=5,
    prepare=partial(prepare, flush_delay=FLUSH_DELAY),
    aims=AIMS,
)
CONTENDERS = contenders(WORKLOAD.name)
