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
from pipeline.errors import Failed, NeedsHuman
from pipeline.findings import Claim, Finding
from pipeline.proof import Evidence, Outcome

SCHEMA_VERSION = 1
DOCUMENT = "evidence.json"


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


def planned(folder: Path) -> Mapping[str, str] | None:
    """The digest of each file that a run meant to apply, as its document says; None where there is none."""
    path = folder / DOCUMENT
    if not path.exists():
        return None
    found = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    return {one["version"]: one["sha256"] for one in found["release"]["migrations"]}


def complete(folder: Path, *, fingerprint: str, version: str | None, checks: str, at: str) -> None:
    """Finish the document of a run that was cut off after its last migration and is found to have ended well.

    ``fingerprint`` and ``version`` are the target's now, ``checks`` says how many checks hold.
    """
    found = cast("dict[str, Any]", json.loads((folder / DOCUMENT).read_text(encoding="utf-8")))
    files = len(found["release"]["migrations"])
    found["claims"]["same_bytes"] |= {"holds": True, "summary": f"{files} migrations", "reason": None}
    found["claims"]["same_end"] |= {
        "holds": True,
        "summary": f"equal to the rehearsal's; {checks}",
        "reason": None,
        "differences": [],
        "checks": checks,
    }
    found["target"] |= {"fingerprint_after": fingerprint, "version_after": version}
    found |= {"outcome": Outcome.PROMOTED.value, "exit_code": 0, "finished_at": at, "stopped": None}
    _write_document(folder, found)


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
