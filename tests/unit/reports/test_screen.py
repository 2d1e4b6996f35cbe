"""The last screen: what a person sees, whole."""

from dataclasses import replace

from pipeline.findings import Claim, ClaimName, Finding, Location, Severity
from pipeline.proof import Evidence, Outcome, Stopped
from pipeline.reports.screen import screen
from tests.support.builders import all_claims, evidence


def refused(*, touched: bool) -> Evidence:
    claims = (
        Claim(ClaimName.SAME_START, holds=False, summary="17 duplicates", reason="43 line 12"),
        *all_claims(holds=None)[1:],
    )
    stopped = Stopped("it moved", "V3__x.sql:2:1", "select 1\n  ^", "run again", target_touched=touched)
    return evidence(Outcome.REFUSED, claims=claims, stopped=stopped, exit_code=3)


PROMOTED = """\
PROMOTED  shop → prod  (db1/shop)  41 → 44  sha256:0123456789ab…  evidence/r1/evidence.json
✓ same start        as it should be
✓ same bytes        as it should be
✓ safe on the road  as it should be
✓ way back          as it should be
✓ backup restores   as it should be
✓ same end          as it should be
not covered: application queries (none given)"""


def test_a_promotion_tells_its_six_claims() -> None:
    assert screen(evidence(), document="evidence/r1/evidence.json") == PROMOTED


def test_a_refusal_says_that_the_target_is_unchanged_and_what_to_do() -> None:
    text = screen(refused(touched=False), document=None)
    assert text.splitlines()[0] == "REFUSED  shop → prod  (db1/shop)  41 → 44  (exit 3)  PROD IS UNCHANGED"
    assert "✗ same start        17 duplicates: 43 line 12" in text
    assert "  at V3__x.sql:2:1" in text
    assert text.endswith("to do: run again")


def test_a_target_that_was_touched_is_not_called_unchanged() -> None:
    assert "UNCHANGED" not in screen(refused(touched=True), document=None)


def test_it_stays_on_one_screen_however_much_was_found() -> None:
    many = tuple(Finding("r", Severity.WARNING, "x", Location("f.sql", line)) for line in range(1, 99))
    assert len(screen(replace(evidence(), findings=many), document=None).splitlines()) <= 30


def test_nothing_to_do_is_one_line() -> None:
    assert len(screen(evidence(Outcome.NOTHING_TO_DO), document=None).splitlines()) == 1
