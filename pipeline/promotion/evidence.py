"""The file that carries the proof: one JSON document of fixed shape, with digests beside it.

The shape is published as ``evidence.schema.json`` beside this module.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from pipeline import __version__
from pipeline.errors import ExitCode, Failed, NeedsHuman
from pipeline.findings import Claim, Evidence, Finding, Outcome, Stopped

SCHEMA_VERSION = 1
DOCUMENT = "evidence.json"
OTHER_BYTES = Stopped(
    what="the run was cut off, and the target's books do not hold the bytes that it rehearsed",
    where="pipeline.applied",
    why="something else was applied, or the books were changed; the schema is the rehearsal's",
    todo="compare pipeline.applied with the migrations in this file",
    target_touched=True,
)


def document(evidence: Evidence) -> dict[str, object]:
    """The evidence as plain data, in the published shape (schema_version 1)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pipeline", "version": __version__},
        "run_id": evidence.run_id,
        "project": evidence.project,
        "environment": evidence.environment,
        "outcome": evidence.outcome.value,
        "exit_code": evidence.exit_code,
        "started_at": evidence.started_at,
        "finished_at": evidence.finished_at,
        "commit": evidence.commit,
        "release": asdict(evidence.release) if evidence.release else None,
        "plan": {"digest": evidence.plan_digest} if evidence.plan_digest else None,
        "target": asdict(evidence.target) if evidence.target else None,
        "claims": {claim.name.value: _claim(claim) for claim in evidence.claims},
        "steps": [{**asdict(step), "duration_ms": round(step.duration_ms, 1)} for step in evidence.steps],
        "findings": [finding_document(finding) for finding in evidence.findings],
        "stopped": asdict(evidence.stopped) if evidence.stopped else None,
        "not_covered": list(evidence.not_covered),
    }


def finding_document(finding: Finding) -> dict[str, object]:
    """A finding as plain data."""
    return asdict(finding)


def write(evidence: Evidence, folder: Path) -> Path:
    """Write ``folder/<run-id>/`` and point ``folder/latest`` at it; returns the path of the document.

    Raises Failed where that cannot be, NeedsHuman when the target has been written to by then.
    """
    own = folder / evidence.run_id
    try:
        own.mkdir(parents=True, exist_ok=True)
        _write_document(own, document(evidence))
        _point(folder / "latest", evidence.run_id)
    except OSError as error:
        touched = evidence.stopped.target_touched if evidence.stopped else evidence.outcome is Outcome.PROMOTED
        raise (NeedsHuman if touched else Failed)(
            f"the evidence cannot be written; the run itself: {evidence.outcome.value}",
            where=str(own),
            why=error.strerror or str(error),
            todo="mend that, then run again; what was done is read from the target",
        ) from error
    return own / DOCUMENT


def complete(folder: Path, *, fingerprint: str, applied: Mapping[str, str], at: str) -> bool:
    """Finish the document of a run that was cut off after its last migration; False where there is none.

    ``fingerprint`` is the target's, found equal to the rehearsal's end; ``applied`` has the digest of each
    file that the run applied, as the target's own books say.
    """
    path = folder / DOCUMENT
    if not path.exists():
        return False
    found = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    planned = {one["version"]: one["sha256"] for one in found["release"]["migrations"]}
    same = planned == dict(applied)
    found["claims"]["same_bytes"] |= {
        "holds": same,
        "summary": f"{len(planned)} migrations",
        "reason": None if same else "the target's books say otherwise",
    }
    found["claims"]["same_end"] |= {
        "holds": True,
        "summary": "equal to the rehearsal's; the checks were not asked again",
        "reason": None,
        "differences": [],
        "checks": None,
    }
    found["target"]["fingerprint_after"] = fingerprint
    outcome, code = (Outcome.PROMOTED, ExitCode.OK) if same else (Outcome.NEEDS_HUMAN, ExitCode.NEEDS_HUMAN)
    stopped = None if same else asdict(OTHER_BYTES)
    found |= {"outcome": outcome.value, "exit_code": int(code), "finished_at": at, "stopped": stopped}
    _write_document(folder, found)
    return True


def shown(evidence: Evidence, folder: Path, root: Path) -> str:
    """Where the document of a run lies, for people: relative to the project where it is inside."""
    path = folder / evidence.run_id / DOCUMENT
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _write_document(folder: Path, content: Mapping[str, object]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    _replace(folder / DOCUMENT, text)
    _replace(folder / "SHA256SUMS", f"{sha256(text.encode()).hexdigest()}  {DOCUMENT}\n")


def _claim(claim: Claim) -> Mapping[str, object]:
    return {"holds": claim.holds, "summary": claim.summary, "reason": claim.reason, **claim.detail}


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _point(link: Path, run_id: str) -> None:
    temporary = link.with_name(f".latest.{run_id}")
    temporary.symlink_to(run_id, target_is_directory=True)
    temporary.replace(link)
