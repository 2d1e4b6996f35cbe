"""What was accepted by a pin."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Protocol

from pipeline.config.pins import LOCK_FILE, Pin
from pipeline.findings import Finding
from pipeline.reports import differences
from pipeline.schema.diff import Difference


class Shape(Protocol):
    """A shape that counts from now on."""

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
    def identity(self) -> Pin | None:
        """Which database it is, where that is the same for everybody."""
        ...

    @property
    def shape(self) -> Shape | None:
        """What is expected of it, where there is something in it."""
        ...


def text(pinned: Pinned, *, environment: str) -> str:
    """The database and the shape that count from now on, and what was accepted with them."""
    lines: list[str] = []
    if pinned.identity is not None:
        pin = pinned.identity
        where = f"{pin.endpoint}/{pin.database}"
        system = pin.system_identifier or "unknown"
        lines.append(f"✓ {environment} is {where} (system {system}, database {pin.database_oid})")
        lines.append(f"written to {LOCK_FILE}: commit it")
    if pinned.shape is not None:
        lines += _shape(pinned.shape, environment)
    lines.append(f"pinned by {pinned.by} at {pinned.at}")
    return "\n".join(lines)


def document(pinned: Pinned, *, environment: str) -> dict[str, object]:
    """The same as plain data."""
    return {
        "environment": environment,
        "pinned_by": pinned.by,
        "pinned_at": pinned.at,
        "identity": asdict(pinned.identity) if pinned.identity is not None else None,
        "shape": _document(pinned.shape) if pinned.shape is not None else None,
    }


def _shape(shape: Shape, environment: str) -> list[str]:
    objects = f"{shape.compared} objects, {shape.fingerprint[:19]}"
    lines = [f"✓ {environment} is expected to stay as it is: {objects}", f"kept in {shape.where}"]
    if shape.accepted is None:
        lines.append("what was expected until now is not known")
    elif shape.accepted:
        lines += ["accepted:", *(f"  {line}" for line in differences.text(shape.accepted).splitlines())]
    return lines + [f"· {finding.message}" for finding in shape.ignored]


def _document(shape: Shape) -> dict[str, object]:
    return {
        "fingerprint": shape.fingerprint,
        "objects": shape.compared,
        "kept_in": shape.where,
        "accepted": differences.document(shape.accepted) if shape.accepted is not None else None,
        "ignore": [{"severity": one.severity.value, "message": one.message} for one in shape.ignored],
    }
