"""The proof of a run as values: what was done to what, how it ended, and which claims hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.findings import Claim, ClaimName, Finding
from pipeline.progress import StepResult


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
