"""What was not seen is null with its reason; what was seen to be wrong does not hold."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from pipeline.config.sections import Budgets
from pipeline.findings import Claim, ClaimName
from pipeline.postgres.limits import Limits
from pipeline.postgres.measure import Rewrite
from pipeline.promotion.claims import Seen, claims, excesses
from pipeline.schema.model import Snapshot
from pipeline.steps.parity import Parity
from pipeline.steps.rehearse import Rehearsal, Rehearsed
from pipeline.steps.way_back import Verdict, WayBack
from tests.support.builders import measured, migration

EMPTY = Snapshot({})


def parity(*, schema: Sequence[str] = (), rows: Sequence[str] = (), settings: Sequence[str] = ()) -> Parity:
    return Parity(EMPTY, tuple(schema), tuple(rows), (), tuple(settings), tables_compared=2, rows_compared=30)


def rehearsal(*verdicts: Verdict, complete: bool = True) -> Rehearsal:
    played = [
        Rehearsed(
            migration(
                str(number), "select 1", irreversible="gone" if verdict is Verdict.IRREVERSIBLE else None
            ),
            (measured(),),
            WayBack(verdict),
        )
        for number, verdict in enumerate(verdicts, start=1)
    ]
    return Rehearsal(EMPTY, EMPTY if complete else None, tuple(played))


def seen(**changes: object) -> Seen:
    whole: dict[str, object] = {
        "parity": parity(),
        "prod_moved": (),
        "rehearsal": rehearsal(Verdict.EXACT),
        "rehearsed_digest": "sha256:a",
        "applied_digest": "sha256:a",
        "backup": "b",
        "end_differences": (),
        "checks": "1 of 1 checks",
    }
    return Seen(**{**whole, **changes})  # pyright: ignore[reportArgumentType]


def one(name: ClaimName, about: Seen) -> Claim:
    return next(claim for claim in claims(about, stopped_at=None) if claim.name is name)


def test_nothing_seen_makes_six_claims_that_are_null_with_a_reason() -> None:
    made = claims(Seen(), stopped_at="backup")
    assert [claim.holds for claim in made] == [None] * 6
    assert all("backup" in (claim.reason or "") for claim in made)


def test_everything_seen_and_well_makes_six_claims_that_hold() -> None:
    assert [claim.holds for claim in claims(seen(), stopped_at=None)] == [True] * 6


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (ClaimName.SAME_START, {"parity": parity(settings=["TimeZone"])}),
        (ClaimName.SAME_START, {"prod_moved": ("column a added",)}),
        (ClaimName.SAME_BYTES, {"applied_digest": "sha256:b"}),
        (ClaimName.SAFE_ON_THE_ROAD, {"excesses": ("too long",)}),
        (ClaimName.WAY_BACK, {"rehearsal": rehearsal(Verdict.EXACT, Verdict.SCHEMA_ONLY)}),
        (ClaimName.WAY_BACK, {"rehearsal": rehearsal(Verdict.NONE)}),
        (ClaimName.WAY_BACK, {"rehearsal": rehearsal(Verdict.RESIDUE, complete=False)}),
        (ClaimName.WAY_BACK, {"rehearsal": rehearsal(Verdict.FAILS)}),
        (ClaimName.BACKUP_RESTORES, {"parity": parity(rows=["orders: 1 row fewer"])}),
        (ClaimName.SAME_END, {"end_differences": ("table x removed",)}),
    ],
)
def test_a_claim_that_was_seen_to_be_wrong_does_not_hold(name: ClaimName, wrong: dict[str, object]) -> None:
    claim = one(name, seen(**wrong))
    assert claim.holds is False
    assert claim.reason


def test_a_declared_point_of_no_return_is_an_honest_way_back() -> None:
    claim = one(ClaimName.WAY_BACK, seen(rehearsal=rehearsal(Verdict.EXACT, Verdict.IRREVERSIBLE)))
    assert claim.holds is True
    assert claim.detail["point_of_no_return"] == "2"
    assert "NO RETURN" in claim.summary


def test_an_unfinished_rehearsal_says_nothing_about_the_road() -> None:
    assert (
        one(ClaimName.SAFE_ON_THE_ROAD, seen(rehearsal=rehearsal(Verdict.EXACT, complete=False))).holds is None
    )


def test_a_strong_lock_held_beyond_the_limit_is_an_excess() -> None:
    limits = Limits(hold=timedelta(milliseconds=100))
    assert excesses([measured(held_ms=101)], limits=limits, budgets=Budgets())
    assert not excesses([measured(held_ms=99)], limits=limits, budgets=Budgets())
    assert not excesses([measured(held_ms=999, mode="RowExclusiveLock")], limits=limits, budgets=Budgets())


def test_a_rewrite_of_a_large_table_is_an_excess_and_of_a_small_one_is_not() -> None:
    large = measured(rewrites=(Rewrite("public.orders", 10_000),))
    small = measured(rewrites=(Rewrite("public.orders", 9_999),))
    assert excesses([large], limits=Limits(), budgets=Budgets())
    assert not excesses([small], limits=Limits(), budgets=Budgets())
    assert not excesses([large], limits=Limits(), budgets=Budgets(rewrite="allow"))


def test_more_wal_or_time_than_the_budget_is_an_excess() -> None:
    assert excesses([measured(wal=10_001)], limits=Limits(), budgets=Budgets(wal=10_000))
    slow = measured(held_ms=2000, mode="RowExclusiveLock")
    assert excesses([slow], limits=Limits(), budgets=Budgets(duration=timedelta(seconds=1)))


def test_the_way_back_is_told_in_ranges_up_to_the_point_of_no_return() -> None:
    verdicts = [Verdict.EXACT] * 4 + [Verdict.ORDER_ONLY, Verdict.IRREVERSIBLE, Verdict.EXACT]
    claim = one(ClaimName.WAY_BACK, seen(rehearsal=rehearsal(*verdicts)))
    assert claim.summary == "1–4, 7 exact; 5 order-only; 6 irreversible: NO RETURN ONCE 6 BEGINS"
