"""The last screen of a promotion, and of a refusal: at most 30 lines, readable without colour."""

from collections.abc import Sequence

from pipeline.findings import Claim, Finding, Severity
from pipeline.proof import Evidence, Outcome, Stopped, TargetFacts

HEADLINES = {
    Outcome.PROMOTED: "PROMOTED",
    Outcome.REHEARSED: "REHEARSED",
    Outcome.NOTHING_TO_DO: "NOTHING TO DO",
    Outcome.REFUSED: "REFUSED",
    Outcome.BUSY: "BUSY",
    Outcome.FAILED: "FAILED",
    Outcome.NEEDS_HUMAN: "NEEDS A HUMAN",
    Outcome.UNKNOWN: "OUTCOME UNKNOWN",
    Outcome.INTERRUPTED: "INTERRUPTED",
}
MARKS = {True: "✓", False: "✗", None: "–"}
MOST_FINDINGS = 8
MOST_LINES_OF_WHY = 6
DIGEST_SHOWN = 19


def screen(evidence: Evidence, *, document: str | None) -> str:
    """The evidence in the words that a person reads last; ``document`` is where all of it lies."""
    lines = [_headline(evidence, document)]
    if evidence.outcome is Outcome.NOTHING_TO_DO:
        return "\n".join([*lines, *finding_lines(evidence.findings)])
    if evidence.stopped is None:
        lines += [_claim(claim) for claim in evidence.claims]
        lines += finding_lines(evidence.findings)
        lines.append(f"not covered: {'; '.join(evidence.not_covered)}")
    else:
        lines += [_claim(claim) for claim in evidence.claims if claim.holds is not None]
        lines += _stopped(evidence.stopped)
        lines += finding_lines([one for one in evidence.findings if not _said(one, evidence.stopped)])
    return "\n".join(lines)


def _headline(evidence: Evidence, document: str | None) -> str:
    parts = [HEADLINES[evidence.outcome], f"{evidence.project} → {evidence.environment}"]
    if evidence.target:
        parts += [f"({evidence.target.shown})", _versions(evidence.target)]
    if evidence.stopped:
        parts.append(f"(exit {evidence.exit_code})")
        if not evidence.stopped.target_touched:
            parts.append(f"{evidence.environment.upper()} IS UNCHANGED")
    elif evidence.release:
        parts.append(f"{evidence.release.digest[:DIGEST_SHOWN]}…")
    if document:
        parts.append(document)
    return "  ".join(part for part in parts if part)


def _versions(target: TargetFacts) -> str:
    before = target.version_before or "empty"
    return f"{before} → {target.version_after}" if target.version_after else f"at {before}"


def _claim(claim: Claim) -> str:
    name = claim.name.value.replace("_", " ")
    words = claim.summary if claim.holds else f"{claim.summary}: {claim.reason}"
    return f"{MARKS[claim.holds]} {name:<17} {words}"


def _stopped(stopped: Stopped) -> list[str]:
    lines = [f"✗ {stopped.what}"]
    if stopped.where:
        lines.append(f"  at {stopped.where}")
    if stopped.why:
        lines += [f"  {line}" for line in stopped.why.splitlines()[:MOST_LINES_OF_WHY]]
    if stopped.todo:
        lines.append(f"to do: {stopped.todo}")
    return lines


def _said(finding: Finding, stopped: Stopped) -> bool:
    return stopped.what.startswith(finding.message)


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """The findings that matter most, a line each; how many more there are."""
    order = [Severity.ERROR, Severity.WARNING, Severity.NOTE]
    ranked = sorted(findings, key=lambda finding: order.index(finding.severity))
    lines = [finding_line(finding) for finding in ranked[:MOST_FINDINGS]]
    if len(ranked) > MOST_FINDINGS:
        lines.append(f"  … and {len(ranked) - MOST_FINDINGS} more findings (`pipeline lint` shows all)")
    return lines


def finding_line(finding: Finding) -> str:
    """One finding on one line: severity, place, words, rule."""
    where = f"{finding.location}: " if finding.location else ""
    return f"{finding.severity.value}: {where}{finding.message} [{finding.rule}]"
