"""Where the scripts beside this put the real programs that tests compare us with."""

import os
from pathlib import Path

from tests.support.tree import ROOT


def folder() -> Path:
    """$PIPELINE_TOOLS, or a folder in the checkout's venv."""
    return Path(os.environ.get("PIPELINE_TOOLS") or ROOT / ".venv" / "tools")
