"""Evidence with everything that a real one carries, for the tests of its document."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from pipeline.findings import Finding, Location, Severity
from pipeline.postgres.measure import Measured, Rewrite
from pipeline.progress import Status, StepResult
from pipeline.promotion.claims import Seen, claims
from pipeline.promotion.evidence import document
from pipeline.proof import Evidence, Outcome, ReleaseFacts, Stopped, TargetFacts
from pipeline.schema.model import Snapshot
from pipeline.steps.parity import Parity
from pipeline.steps.rehearse import Rehearsal, Rehearsed
from pipeline.steps.way_back import Verdict, WayBack
from tests.support.builders import evidence, measured, migration
from tests.support.evidence_shape import Document

DIGEST = f"sha256:{'0a' * 32}"
PLANNED: Mapping[str, str] = {"42": "0b" * 32, "addresses": "0c" * 32}


def seen(*, differs: tuple[str, ...] = (), verdict: Verdict = Verdict.EXACT) -> Seen:
    """All that a run can see, on its way to the end."""
    outside = Measured("addresses", 3, "CREATE INDEX", 1.5, 0, 100, locks=None)
    start = Snapshot({})
    statements = (measured(rewrites=(Rewrite("public.orders", 9),)), outside)
    played = Rehearsed(migration("42", "select 1"), statements, WayBack(verdict, differs))
    return Seen(
        parity=Parity(start, differs, (), (), (), tables_compared=2, rows_compared=30),
        copy_taken_at="2026-01-01T00:00:02Z",
        prod_moved=(),
        rehearsal=Rehearsal(start, start, (played,)),
        rehearsed_digest=DIGEST,
        applied_digest=DIGEST,
        files=2,
        backup="shop-prod-r1",
        backup_bytes=4096,
        restore_seconds=0.25,
        end_differences=differs,
        checks="1 of 1 checks",
        excesses=differs,
    )


def made(outcome: Outcome, exit_code: int, about: Seen | None = None, *, run_id: str = "r1") -> Evidence:
    """The evidence of a run that ended so, with everything that it can carry."""
    stopped = (
        Stopped("it moved", "V42__x.sql:2:1", None, "run again", target_touched=False) if exit_code else None
    )
    files = [
        {"version": label, "name": "x", "file": "m/x.sql", "sha256": each} for label, each in PLANNED.items()
    ]
    return replace(
        evidence(
            outcome,
            claims=claims(about or seen(), stopped_at="gates" if exit_code else None),
            stopped=stopped,
            exit_code=exit_code,
        ),
        run_id=run_id,
        release=ReleaseFacts("flyway", DIGEST, files),
        plan_digest=DIGEST,
        target=TargetFacts("db1/shop", "shop", "7711188630064716427", "18.6", DIGEST, version_before="41"),
        commit=f"{'0d' * 20}+changes",
        steps=(StepResult("gates", Status.REFUSED, 1.25, "no"),),
        findings=(
            Finding("drift", Severity.WARNING, "it moved", Location("V42__x.sql", 2), "look"),
            Finding("moved", Severity.ERROR, "it moved"),
        ),
    )


def draft(run_id: str = "r1") -> Evidence:
    """What lies on disk before the first write to the target."""
    about = replace(seen(), applied_digest=None, end_differences=None, checks=None)
    whole = made(Outcome.INTERRUPTED, 130, about, run_id=run_id)
    return replace(whole, stopped=None)


def told(about: Evidence) -> Document:
    """The document as its reader gets it."""
    return cast("Document", json.loads(json.dumps(document(about))))


def read(folder: Path) -> Document:
    """The document of a run's folder."""
    return cast("Document", json.loads((folder / "evidence.json").read_text(encoding="utf-8")))
