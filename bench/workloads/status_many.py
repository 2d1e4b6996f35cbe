"""Two thousand migrations, all of them applied: a line for each, every file compared."""

from bench.applied import applied, contenders
from bench.contest import Aim, Workload

NAME = "status-many"
COUNT = 2_000

WORKLOAD = Workload(
    name=NAME,
    question=f"how long does `status` take over {COUNT:,} migrations?",
    rounds=7,
    prepare=lambda folder: applied(folder, COUNT),
    aims=(Aim("pipeline", "wall ratio", 1.5),),
)
CONTENDERS = contenders(NAME, "status")
