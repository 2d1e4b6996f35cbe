"""Ten thousand migrations, all of them applied: how long until that is known, every file compared."""

from bench.applied import applied, contenders
from bench.contest import Aim, Workload

NAME = "noop-many"
COUNT = 10_000

WORKLOAD = Workload(
    name=NAME,
    question=f"how long does `migrate` take that finds {COUNT:,} applied and nothing to do?",
    rounds=7,
    prepare=lambda folder: applied(folder, COUNT),
    aims=(Aim("pipeline", "wall ratio", 1.5),),
)
CONTENDERS = contenders(NAME, "migrate")
