"""What differs from what was expected, in words a reviewer reads."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.reports import differences
from pipeline.schema.diff import Difference


class Drifted(Protocol):
    """What a report of drift is made of."""

    @property
    def differences(self) -> Sequence[Difference]:
        """Every difference, the softer ones among them."""
        ...

    @property
    def moved(self) -> Sequence[Difference]:
        """The differences that count."""
        ...

    @property
    def source(self) -> str:
        """Where the expectation comes from."""
        ...

    @property
    def compared(self) -> int:
        """How many objects were compared."""
        ...


def text(drift: Drifted, *, environment: str) -> str:
    """The verdict, then each difference on a line."""
    if not drift.differences:
        return f"✓ {environment} is as expected: {drift.compared} objects compared ({drift.source})"
    verdict = (
        f"✗ {environment} differs from what is expected of it"
        if drift.moved
        else f"✓ {environment} is as expected"
    )
    return f"{verdict} ({drift.source})\n{differences.text(drift.differences)}"


def document(drift: Drifted, *, environment: str) -> dict[str, object]:
    """The same as plain data."""
    return {
        "environment": environment,
        "differs": bool(drift.moved),
        "expected_from": drift.source,
        "objects_compared": drift.compared,
        "differences": differences.document(drift.differences),
    }
