"""A plan as a person reads it before saying yes: what runs, in order, and what is dangerous about it."""

from collections.abc import Sequence
from dataclasses import asdict

from pipeline.findings import Finding
from pipeline.promotion.plan import Plan, PlannedMigration
from pipeline.reports.screen import finding_line


def text(plan: Plan, findings: Sequence[Finding], *, target: str) -> str:
    """The plan, statement by statement, with the findings below their file."""
    if not plan.migrations:
        return f"nothing to do on {target}"
    lines = [f"{len(plan.migrations)} migrations for {target}  {plan.digest[:19]}…"]
    for migration in plan.migrations:
        lines += _migration(migration)
        lines += [f"    {finding_line(one)}" for one in findings if _is_about(one, migration)]
    lines += [finding_line(one) for one in findings if not any(_is_about(one, m) for m in plan.migrations)]
    return "\n".join(lines)


def document(plan: Plan, findings: Sequence[Finding]) -> dict[str, object]:
    """The same as plain data."""
    return {
        "plan": {"digest": plan.digest, **asdict(plan)},
        "findings": [asdict(finding) for finding in findings],
    }


def _migration(migration: PlannedMigration) -> list[str]:
    way_back = f"way back: {migration.way_back}" if migration.way_back else "no way back"
    return [
        f"  {migration.label}  {migration.name}  ({migration.file}; {way_back})",
        *(
            f"    line {statement.line}: {statement.kind}"
            + ("" if statement.transactional else "  [outside a transaction]")
            for statement in migration.statements
        ),
    ]


def _is_about(finding: Finding, migration: PlannedMigration) -> bool:
    return finding.location is not None and finding.location.file == migration.file
