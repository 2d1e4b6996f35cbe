"""The verdict on a migration's way back, from what was there before and after."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.postgres.rows import TableRows, compare
from pipeline.schema.diff import diff, is_soft
from pipeline.schema.model import Snapshot
from pipeline.schema.words import summarise
from pipeline.steps.cut_off import besides

BOTH = frozenset({"schema", "data"})


class Verdict(StrEnum):
    """What became of the database after up and down."""

    EXACT = "exact"
    ORDER_ONLY = "order-only"
    SCHEMA_ONLY = "schema-only"
    RESIDUE = "residue"
    FAILS = "fails"
    NONE = "none"
    IRREVERSIBLE = "irreversible"

    @property
    def passes(self) -> bool:
        """Whether a promotion may rely on it; a declared point of no return is an honest answer."""
        return self in (Verdict.EXACT, Verdict.ORDER_ONLY, Verdict.IRREVERSIBLE)


@dataclass(frozen=True)
class State:
    """A database at rest: its shape and its rows."""

    snapshot: Snapshot
    rows: Mapping[str, TableRows]


@dataclass(frozen=True)
class WayBack:
    """The verdict on one migration, and what differed after up and down, in words."""

    verdict: Verdict
    differences: tuple[str, ...] = ()


def judge(
    before: State, after: State, *, prove: Collection[str] = BOTH, in_the_making: Collection[str] = ()
) -> WayBack:
    """Compare what was there before up with what is there after down.

    ``prove`` names what must be as before: schema, data or both (``rehearse.rollback.prove``).
    ``in_the_making`` names what an earlier run had half made before: it is no part of the question.
    """
    differences = besides(diff(before.snapshot, after.snapshot), in_the_making)
    residue = summarise(one for one in differences if not is_soft(one))
    if residue and "schema" in prove:
        return WayBack(Verdict.RESIDUE, residue)
    rows = compare(before.rows, after.rows)
    if rows and "data" in prove:
        return WayBack(Verdict.SCHEMA_ONLY, rows)
    if differences:
        return WayBack(Verdict.ORDER_ONLY, summarise(differences))
    return WayBack(Verdict.EXACT)
