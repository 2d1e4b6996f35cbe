"""From the options of a call to what the rooms below are asked."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.voice import Voice

if TYPE_CHECKING:
    from pipeline.promotion.request import Request
    from pipeline.steps.context import Context


def run_id() -> str:
    """A name for a run: sorts by time, and no two are alike."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.urandom(3).hex()}"


def request(
    voice: Voice, environment: str | None, *, to: str | None = None, output: Path | None = None
) -> "Request":
    """The request of one call; without an environment, the project's first live one."""
    from pipeline.promotion.request import Request  # noqa: PLC0415  # --help must not pay for it

    project = voice.project()
    return Request(
        project=project,
        environment=environment or project.first_live().name,
        environ=voice.environ,
        run_id=run_id(),
        to=to,
        output=output,
        listener=voice.listener(),
    )


def context(voice: Voice, environment: str | None) -> "Context":
    """The context of a call that only looks."""
    return request(voice, environment).context()
