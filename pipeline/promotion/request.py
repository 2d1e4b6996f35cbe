"""What is asked of a promotion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config.project import Project
from pipeline.progress import Listener, Silent


@dataclass(frozen=True)
class Request:
    """Promote ``project`` to ``environment``, up to version ``to`` (None: all), with evidence in ``output``."""

    project: Project
    environment: str
    environ: Mapping[str, str]
    run_id: str
    to: str | None = None
    output: Path | None = None
    listener: Listener = field(default_factory=Silent)

    @property
    def evidence_folder(self) -> Path:
        """Where evidence folders are written."""
        return self.output or self.project.root / "evidence"
