"""The document of a run has its published shape whatever happened, and nothing else has."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from pipeline.findings import ClaimName, Severity
from pipeline.formats import FORMATS
from pipeline.postgres.measure import STRENGTH
from pipeline.progress import Status
from pipeline.promotion.claims import Seen
from pipeline.proof import Outcome
from pipeline.steps.way_back import Verdict
from tests.support.evidence_shape import SCHEMA, Document, complaints
from tests.unit.promotion.proofs import draft, made, seen, told

ENDS: Mapping[Outcome, tuple[int, ...]] = {
    Outcome.PROMOTED: (0,),
    Outcome.REHEARSED: (0,),
    Outcome.NOTHING_TO_DO: (0,),
    Outcome.REFUSED: (3,),
    Outcome.BUSY: (5,),
    Outcome.FAILED: (1, 6, 64, 69),
    Outcome.NEEDS_HUMAN: (7,),
    Outcome.UNKNOWN: (8,),
    Outcome.INTERRUPTED: (130,),
}


def words(*path: str) -> list[str]:
    found: Any = SCHEMA
    for key in path:
        found = found[key]
    return list(found["enum"])


@pytest.mark.parametrize(("outcome", "code"), [(each, code) for each in Outcome for code in ENDS[each]])
@pytest.mark.parametrize("about", [Seen(), seen(), seen(differs=("table t",), verdict=Verdict.RESIDUE)])
def test_the_document_of_every_ending_has_the_published_shape(outcome: Outcome, code: int, about: Seen) -> None:
    if outcome is Outcome.PROMOTED:
        about = replace(about, end_differences=())
    assert complaints(told(made(outcome, code, about))) == []


def test_a_run_that_saw_nothing_has_the_published_shape() -> None:
    nothing = replace(
        made(Outcome.FAILED, 69, Seen()), release=None, plan_digest=None, target=None, commit=None
    )
    assert complaints(told(nothing)) == []
    assert complaints(told(draft())) == []


def _without_reason(content: Document) -> None:
    content["claims"]["way_back"] |= {"holds": False, "reason": None}


BROKEN: Mapping[str, tuple[str, Callable[[Document], object]]] = {
    "a claim is missing": ("$.claims", lambda d: d["claims"].pop("way_back")),
    "a claim is not ours": ("$.claims", lambda d: d["claims"].update(same_time=d["claims"]["same_end"])),
    "a claim fails without a reason": ("$.claims.way_back.reason", _without_reason),
    "a claim is unexamined without a reason": (
        "$.claims.same_start.reason",
        lambda d: d["claims"]["same_start"].update(holds=None, reason=""),
    ),
    "a claim holds and has a reason": (
        "$.claims.same_bytes.reason",
        lambda d: d["claims"]["same_bytes"].update(reason="why not"),
    ),
    "a claim neither holds nor not": (
        "$.claims.same_start.holds",
        lambda d: d["claims"]["same_start"].update(holds="yes", reason="because"),
    ),
    "a claim holds without what was seen": (
        "$.claims.backup_restores",
        lambda d: d["claims"]["backup_restores"].pop("rows_compared"),
    ),
    "an unknown key": ("$", lambda d: d.update(colour="red")),
    "an unknown key in a claim": ("$.claims.same_start", lambda d: d["claims"]["same_start"].update(n=1)),
    "an unknown key in a statement": (
        "$.claims.safe_on_the_road.statements[0]",
        lambda d: d["claims"]["safe_on_the_road"]["statements"][0].update(n=1),
    ),
    "an unknown verdict": (
        "$.claims.way_back.migrations[0].verdict",
        lambda d: d["claims"]["way_back"]["migrations"][0].update(verdict="fine"),
    ),
    "a digest that is none": ("$.plan.digest", lambda d: d["plan"].update(digest="sha256:1")),
    "a time without a zone": ("$.finished_at", lambda d: d.update(finished_at="2026-01-01T00:00:00")),
    "an outcome and another exit code": ("$.exit_code", lambda d: d.update(exit_code=3)),
    "a refusal that does not say why": ("$.stopped", lambda d: d.update(outcome="refused", exit_code=3)),
    "promoted to another end": (
        "$.claims.same_end.holds",
        lambda d: d["claims"]["same_end"].update(holds=False, reason="table t"),
    ),
    "another version of the shape": ("$.schema_version", lambda d: d.update(schema_version=2)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_does_not_have_the_published_shape(name: str) -> None:
    where, spoil = BROKEN[name]
    content = told(made(Outcome.PROMOTED, 0))
    spoil(content)
    assert complaints(content) == [where]


def test_the_shape_knows_our_words_and_no_others() -> None:
    assert words("properties", "outcome") == [each.value for each in Outcome]
    assert SCHEMA["properties"]["claims"]["required"] == [each.value for each in ClaimName]
    assert words("$defs", "step", "properties", "status") == [each.value for each in Status]
    assert words("$defs", "finding", "properties", "severity") == [each.value for each in Severity]
    assert words("$defs", "lock", "properties", "mode") == list(STRENGTH)
    assert words("$defs", "release", "properties", "format") == list(FORMATS)
    verdict = ("$defs", "way_back", "properties", "migrations", "items", "properties", "verdict")
    assert words(*verdict) == [each.value for each in Verdict]
    assert set(words("properties", "exit_code")) == {code for codes in ENDS.values() for code in codes}
