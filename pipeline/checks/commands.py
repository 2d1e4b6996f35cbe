"""The project's own programs (``verify:`` with ``command:``): they end with 0, or the check does not hold."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from pipeline.checks.verdict import Verdict
from pipeline.config.sections import CommandCheck
from pipeline.errors import PipelineError
from pipeline.programs.run import run


def run_command(check: CommandCheck, root: Path, deadline: timedelta, environ: Mapping[str, str]) -> Verdict:
    """Run the program in the project's folder, with our own environment, and read its exit code."""
    try:
        completed = run(check.command, cwd=root, timeout=deadline, env=environ)
    except PipelineError as error:
        return Verdict(check.name, holds=False, words=error.what)
    last = (completed.stdout or completed.stderr).strip().rpartition("\n")[2]
    return Verdict(check.name, holds=True, words=last or "exit 0")
