"""What is asked of a promotion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.config.project import Project
from pipeline.progress import Listener, Silent
from pipeline.promotion.journal import FILE
from pipeline.steps.context import Context, now
from pipeline.steps.deadline import Deadline


@dataclass(frozen=True)
class Request:
    """Promote ``project`` to ``environment``, up to version ``to`` (None: all), with evidence in ``output``.

    ``at`` is the time at which the run begins, in UTC.
    """

    project: Project
    environment: str
    environ: Mapping[str, str]
    run_id: str
    to: str | None = None
    output: Path | None = None
    listener: Listener = field(default_factory=Silent)
    at: datetime = field(default_factory=now)

    def context(self, environment: str | None = None) -> Context:
        """What the steps of this run are about; ``environment`` where it is another one than asked for."""
        destination = self.project.environment(environment or self.environment)
        return Context(
            project=self.project,
            environment=destination,
            environ=self.environ,
            listener=self.listener,
            run_id=self.run_id,
            deadline=Deadline(destination.limits.run),
            at=self.at,
        )

    @property
    def journal(self) -> Path:
        """The file in which this run writes down what it does."""
        return self.runs / self.run_id / FILE

    @property
    def runs(self) -> Path:
        """Where every run has a folder of its own."""
        return self.project.state / "runs"

    @property
    def evidence_folder(self) -> Path:
        """Where evidence folders are written."""
        return self.output or self.project.root / "evidence"
