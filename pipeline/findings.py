"""What we saw: findings, the results of steps, and the claims that make up a proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an error refuses, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, order=True)
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


class Status(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Ran:
    """A program that was run for a migration: how it ended, and the end of what it said, without secrets."""

    program: str
    migration: str
    exit_code: int
    output: str


@dataclass(frozen=True)
class StepResult:
    """How one step of a run ended and how long it took (milliseconds of a monotonic clock).

    ``programs`` are the real tools that applied migrations in it (``migrations.runner: tool``), in order.
    """

    name: str
    status: Status
    duration_ms: float
    summary: str = ""
    programs: Sequence[Ran] = ()


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


class Outcome(StrEnum):
    """How a promotion ended."""

    PROMOTED = "promoted"
    REHEARSED = "rehearsed"
    NOTHING_TO_DO = "nothing to do"
    REFUSED = "refused"
    BUSY = "busy"
    FAILED = "failed"
    NEEDS_HUMAN = "needs a human"
    UNKNOWN = "unknown"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Stopped:
    """Why a run stopped: the error as it was said, and whether the target was touched by then."""

    what: str
    where: str | None
    why: str | None
    todo: str | None
    target_touched: bool


@dataclass(frozen=True)
class ReleaseFacts:
    """The release a run was about: which bytes, under which names."""

    format: str
    digest: str
    migrations: Sequence[Mapping[str, str | None]]


@dataclass(frozen=True)
class TargetFacts:
    """The database a run was about, and its fingerprint before and after (None: not reached).

    ``settings`` are those of our session there, as the server said that they are in force.
    """

    shown: str
    database: str
    system_identifier: str
    server_version: str
    fingerprint_before: str | None
    fingerprint_after: str | None = None
    version_before: str | None = None
    version_after: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Evidence:
    """The proof of one run: what was done to what, with which claims. Times are UTC in ISO 8601."""

    run_id: str
    project: str
    environment: str
    outcome: Outcome
    exit_code: int
    started_at: str
    finished_at: str
    release: ReleaseFacts | None
    plan_digest: str | None
    target: TargetFacts | None
    claims: tuple[Claim, ...]
    steps: tuple[StepResult, ...]
    findings: tuple[Finding, ...]
    stopped: Stopped | None = None
    not_covered: tuple[str, ...] = ()
    commit: str | None = None

    def claim(self, name: ClaimName) -> Claim:
        """One claim by name; a promotion carries all six."""
        return next(claim for claim in self.claims if claim.name is name)
