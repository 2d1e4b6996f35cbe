"""What we saw: findings about files and databases, and the claims that make up a proof."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an error refuses, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Location:
    """A place in a file; line and column count from 1, the path is relative to the project."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True)
class Finding:
    """One thing seen: the rule that saw it, how much it matters, where, and what to do."""

    rule: str
    severity: Severity
    message: str
    location: Location | None = None
    hint: str | None = None

    @property
    def refuses(self) -> bool:
        """Whether this finding alone closes the way."""
        return self.severity is Severity.ERROR


class ClaimName(StrEnum):
    """The six claims of a proof, in the order in which they are told."""

    SAME_START = "same_start"
    SAME_BYTES = "same_bytes"
    SAFE_ON_THE_ROAD = "safe_on_the_road"
    WAY_BACK = "way_back"
    BACKUP_RESTORES = "backup_restores"
    SAME_END = "same_end"


@dataclass(frozen=True)
class Claim:
    """One claim: it holds, it does not, or (None) it was not examined, and then the reason says why.

    ``summary`` is the line a person reads; ``detail`` is what the evidence file carries beside ``holds``.
    """

    name: ClaimName
    holds: bool | None
    summary: str
    reason: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        if self.holds is not True and not self.reason:
            message = f"claim {self.name}: a claim that does not hold or was not examined needs a reason"
            raise ValueError(message)
