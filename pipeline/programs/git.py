"""Which commit a project is at, as far as git can tell; without git nothing is known, and nothing fails."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pipeline.errors import Failed, Unavailable
from pipeline.programs.run import lean, run

DEADLINE = timedelta(seconds=5)


@dataclass(frozen=True)
class Commit:
    """A commit id, and whether the work tree differs from it."""

    id: str
    dirty: bool


def commit_of(folder: Path) -> Commit | None:
    """The commit that ``folder`` has checked out; None when it is no repository or git is not there."""
    try:
        ident = _ask(folder, "rev-parse", "--verify", "HEAD")
        return Commit(ident, dirty=bool(_ask(folder, "status", "--porcelain")))
    except (Failed, Unavailable):
        return None


def _ask(folder: Path, *words: str) -> str:
    env = lean(GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0")
    return run(["git", "-C", folder, *words], timeout=DEADLINE, env=env).stdout.strip()
