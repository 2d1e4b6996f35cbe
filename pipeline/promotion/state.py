"""What one run knows at any moment, and how that becomes evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pipeline.errors import ExitCode, PipelineError
from pipeline.findings import Finding
from pipeline.formats.model import Migration, Release
from pipeline.programs import git
from pipeline.progress import Ran
from pipeline.promotion.claims import Seen, claims
from pipeline.promotion.journal import Journal
from pipeline.promotion.plan import Plan
from pipeline.promotion.request import Request
from pipeline.promotion.track import Track
from pipeline.proof import Evidence, Outcome, ReleaseFacts, Stopped, TargetFacts
from pipeline.schema.digest import fingerprint
from pipeline.steps.context import Context
from pipeline.steps.drift import Drift
from pipeline.steps.observe import Observed
from pipeline.steps.release import must_be_readable
from pipeline.steps.tool import Tool

NOT_COVERED = ("application queries (none given)",)

ENDINGS = {
    ExitCode.REFUSED: Outcome.REFUSED,
    ExitCode.BUSY: Outcome.BUSY,
    ExitCode.NEEDS_HUMAN: Outcome.NEEDS_HUMAN,
    ExitCode.UNKNOWN: Outcome.UNKNOWN,
    ExitCode.INTERRUPTED: Outcome.INTERRUPTED,
}
"""How an error is called in the evidence; any other one is a failure."""


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shown(commit: git.Commit | None) -> str | None:
    return f"{commit.id}{'+changes' if commit.dirty else ''}" if commit else None


@dataclass
class Run:
    """One run: what was asked, what has been seen, how it ended."""

    request: Request
    context: Context
    track: Track
    started_at: str = field(default_factory=now)
    seen: Seen = field(default_factory=Seen)
    findings: list[Finding] = field(default_factory=list[Finding])
    release: Release | None = None
    shown: str = ""
    observed: Observed | None = None
    pending: tuple[Migration, ...] = ()
    drift: Drift | None = None
    plan: Plan | None = None
    tool: Tool | None = None
    fingerprint_after: str | None = None
    version_after: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    touched: bool = False
    outcome: Outcome = Outcome.FAILED
    error: PipelineError | None = None

    @classmethod
    def of(cls, request: Request, environment: str, *, journaled: bool = True) -> "Run":
        """A run for ``environment``, with a journal of its own in the project's state folder."""
        journal = Journal(request.journal)
        context = request.context(environment)
        return cls(request, context, Track(journal if journaled else None, request.listener, context.deadline))

    def said(self) -> tuple[Ran, ...]:
        """What the real tool was run for since this was asked last."""
        if self.tool is None:
            return ()
        ran = tuple(self.tool.ran)
        self.tool.ran.clear()
        return ran

    def must_pass(self, found: Sequence[Finding]) -> None:
        """Keep the findings; raise Refused when one of them closes the way."""
        self.findings += found
        must_be_readable(found)

    @property
    def validated(self) -> Release:
        """The release, which the first step reads."""
        assert self.release is not None  # noqa: S101
        return self.release

    def stop(self, error: PipelineError) -> None:
        """The run ends here, with this error."""
        self.error = error
        self.outcome = ENDINGS.get(error.exit_code, Outcome.FAILED)

    def draft(self) -> Evidence:
        """The proof as it stands before the first write: what is read if this run never comes back."""
        made = self.evidence()
        return replace(made, outcome=Outcome.INTERRUPTED, exit_code=int(ExitCode.INTERRUPTED))

    def evidence(self) -> Evidence:
        """The proof as it stands."""
        return Evidence(
            run_id=self.request.run_id,
            project=self.request.project.project,
            environment=self.request.environment,
            outcome=self.outcome,
            exit_code=int(self.error.exit_code if self.error else ExitCode.OK),
            started_at=self.started_at,
            finished_at=now(),
            release=self._release(),
            plan_digest=self.plan.digest if self.plan else None,
            target=self._target(),
            claims=claims(self.seen, stopped_at=self.track.current if self.error else None),
            steps=tuple(self.track.results),
            findings=tuple(self.findings),
            stopped=self._stopped(),
            not_covered=NOT_COVERED,
            commit=_shown(git.commit_of(self.request.project.root)),
        )

    def _release(self) -> ReleaseFacts | None:
        if self.release is None:
            return None
        return ReleaseFacts(
            format=self.release.format,
            digest=self.release.digest,
            migrations=[
                {"version": planned.label, "name": planned.name, "file": planned.file, "sha256": planned.sha256}
                for planned in (self.plan.migrations if self.plan else ())
            ],
        )

    def _target(self) -> TargetFacts | None:
        if self.observed is None:
            return None
        return TargetFacts(
            shown=self.shown,
            database=self.observed.identity.database,
            system_identifier=self.observed.identity.system_identifier,
            server_version=self.observed.identity.server_version,
            fingerprint_before=fingerprint(self.observed.snapshot),
            fingerprint_after=self.fingerprint_after,
            version_before=self.observed.version,
            version_after=self.version_after,
            settings=self.settings,
        )

    def _stopped(self) -> Stopped | None:
        if self.error is None:
            return None
        return Stopped(
            what=self.error.what,
            where=self.error.where,
            why=self.error.why,
            todo=self.error.todo,
            target_touched=self.touched,
        )
