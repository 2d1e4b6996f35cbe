"""Prepared data that a throwaway copies instead of running initdb: a fifth of a second instead of one.

The supervisor leaves them, whole or not at all (beside its place, then renamed), and gives every copy a
system identifier of its own.
"""

import os
import shutil
import time
from hashlib import sha256
from pathlib import Path

from pipeline.programs.installations import Installation

FOLDER = "templates"
DRAFT = ".new-"
ABANDONED_AFTER = 600.0
"""Seconds; nobody needs that long for a copy."""


def template_for(state: Path, installation: Installation) -> Path:
    """Where the prepared data of an installation lie, or will; another user's are not ours to copy."""
    status = installation.program("postgres").stat()
    text = f"{installation.bindir}\0{status.st_mtime_ns}\0{status.st_size}\0{os.geteuid()}"
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve() / f"{installation.major}-{sha256(text.encode()).hexdigest()[:16]}"


def sweep_drafts(state: Path) -> None:
    """Remove the copies that nobody finished."""
    for draft in (state / FOLDER).glob(f"*{DRAFT}*"):
        if time.time() - draft.stat().st_mtime > ABANDONED_AFTER:
            shutil.rmtree(draft, ignore_errors=True)
