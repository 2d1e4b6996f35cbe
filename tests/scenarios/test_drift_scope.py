"""Drift before a promotion: what the release touches blocks it, the rest is said."""

import pytest

from pipeline.findings import Severity
from pipeline.proof import Evidence, Outcome
from tests.scenarios.refusals import refusal
from tests.support.projects import SmallProject, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

STRAY = "CREATE TABLE stray (id int)"


def drift(made: Evidence) -> list[tuple[Severity, str]]:
    return [(one.severity, one.message) for one in made.findings if one.rule == "drift"]


def test_a_table_that_the_release_does_not_touch_is_a_warning(older: SmallProject) -> None:
    older.sql(STRAY)
    made = promote(older)
    assert made.outcome is Outcome.PROMOTED, made.stopped
    assert {severity for severity, _ in drift(made)} == {Severity.WARNING}
    assert "table stray added" in drift(made)[0][1]


def test_with_scope_all_it_blocks(older: SmallProject) -> None:
    older.configure(prod={"drift": {"scope": "all"}})
    older.sql(STRAY)
    assert {severity for severity, _ in drift(refusal(older))} == {Severity.ERROR}


def test_a_table_that_only_the_rehearsal_touches_blocks_all_the_same(older: SmallProject) -> None:
    older.keep("V1", "U1", "V2", "U2", "R")
    older.write("V3__hidden.sql", "DO $$BEGIN EXECUTE 'LOCK TABLE st' || 'ray'; END$$;\n")
    older.write("U3__hidden.sql", "SELECT 1;\n")
    older.sql(STRAY)
    made = refusal(older)
    assert made.stopped is not None
    assert "table stray added" in made.stopped.what
    assert [step.name for step in made.steps][-1] == "gates"
