"""The same 170,000 rows as the data of one COPY, against ``psql -1 -f``."""

from collections.abc import Iterator

from bench.contest import Aim, Workload
from bench.workloads.rows import COUNT, TABLE, contenders, prepare, row


def _copied() -> Iterator[str]:
    yield TABLE
    yield "COPY events (id, at, kind, note) FROM stdin;\n"
    for number in range(COUNT):
        yield "\t".join(row(number)) + "\n"
    yield "\\.\n"


WORKLOAD = Workload(
    name="rows-copy",
    question="how long do 170,000 rows of COPY in one migration take?",
    rounds=3,
    prepare=lambda folder: prepare(folder, _copied()),
    aims=(Aim("pipeline", "wall ratio", 2.5), Aim("pipeline", "peak", 200)),
)
CONTENDERS = contenders(WORKLOAD.name)
