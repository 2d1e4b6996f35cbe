"""Objects of somebody else: hidden from every comparison while their rule holds, and said to be."""

from datetime import UTC, datetime

import pytest

from pipeline.findings import Severity
from pipeline.proof import Evidence, Outcome
from tests.scenarios.refusals import refusal
from tests.support.projects import At, SmallProject, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

RULE = {
    "object": "table public.people_p*",
    "reason": "made by a job",
    "owner": "data team",
    "expires": f"{datetime.now(UTC).year + 1}-01-31",
}
MADE = "CREATE TABLE IF NOT EXISTS people_p{} (id int PRIMARY KEY)"


def ignore(small: SmallProject, *rules: dict[str, str]) -> None:
    small.configure(prod={"drift": {"ignore": list(rules), "scope": "all"}})


def notes(made: Evidence) -> list[tuple[Severity, str]]:
    return [(one.severity, one.message) for one in made.findings if one.rule == "ignore"]


def test_a_table_that_a_job_makes_is_in_nobodys_way_at_any_time(older: SmallProject) -> None:
    ignore(older, RULE)
    older.sql(MADE.format(1))
    during = {
        f"finished {step}": lambda number=number: older.sql(MADE.format(number))
        for number, step in enumerate(("observe", "parity", "gates", "apply"), 2)
    }
    made = promote(older, listener=At(during))
    assert made.outcome is Outcome.PROMOTED, made.stopped
    ((severity, message),) = notes(made)
    assert severity is Severity.NOTE
    assert "`table public.people_p*` hides 3 objects" in message
    assert "made by a job (data team)" in message


def test_a_rule_that_has_expired_hides_nothing_and_says_so(older: SmallProject) -> None:
    ignore(older, {**RULE, "expires": "2020-01-31"})
    older.sql(MADE.format(1))
    made = refusal(older)
    assert {one.rule for one in made.findings if one.refuses} == {"drift"}
    ((severity, message),) = notes(made)
    assert severity is Severity.WARNING
    assert "expired on 2020-01-31" in message


def test_a_rule_that_matches_nothing_is_noted(older: SmallProject) -> None:
    ignore(older, RULE)
    made = promote(older)
    assert made.outcome is Outcome.PROMOTED
    assert notes(made) == [(Severity.NOTE, "the rule for `table public.people_p*` matches nothing")]
