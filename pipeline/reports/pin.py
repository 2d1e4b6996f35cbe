"""What was accepted by a pin."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.findings import Finding
from pipeline.reports import differences
from pipeline.schema.diff import Difference


class Pinned(Protocol):
    """What a report of a pin is made of."""

    @property
    def by(self) -> str:
        """Who said so."""
        ...

    @property
    def at(self) -> str:
        """When, in UTC."""
        ...

    @property
    def fingerprint(self) -> str:
        """Of the shape."""
        ...

    @property
    def compared(self) -> int:
        """How many objects it has."""
        ...

    @property
    def where(self) -> str:
        """Where it is kept."""
        ...

    @property
    def accepted(self) -> Sequence[Difference] | None:
        """How it differs from what was expected until now, if that is known."""
        ...

    @property
    def ignored(self) -> Sequence[Finding]:
        """What the rules of ``drift.ignore`` did."""
        ...


def text(pinned: Pinned, *, environment: str) -> str:
    """The shape that counts from now on, and what was accepted with it."""
    lines = [
        f"✓ {environment} is expected to stay as it is: {pinned.compared} objects, {pinned.fingerprint[:19]}"
    ]
    lines.append(f"pinned by {pinned.by} at {pinned.at}, kept in {pinned.where}")
    if pinned.accepted is None:
        lines.append("what was expected until now is not known")
    elif pinned.accepted:
        lines += ["accepted:", *(f"  {line}" for line in differences.text(pinned.accepted).splitlines())]
    lines += [f"· {finding.message}" for finding in pinned.ignored]
    return "\n".join(lines)


def document(pinned: Pinned, *, environment: str) -> dict[str, object]:
    """The same as plain data."""
    return {
        "environment": environment,
        "pinned_by": pinned.by,
        "pinned_at": pinned.at,
        "fingerprint": pinned.fingerprint,
        "objects": pinned.compared,
        "kept_in": pinned.where,
        "accepted": differences.document(pinned.accepted) if pinned.accepted is not None else None,
        "ignore": [{"severity": one.severity.value, "message": one.message} for one in pinned.ignored],
    }
