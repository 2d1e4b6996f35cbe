"""The command line as a person calls it: a process of its own, its exit code and what it says."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.support.tree import ROOT


@dataclass(frozen=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """Stdout as exactly one JSON document."""
        return cast("dict[str, object]", json.loads(self.out))


def argv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pipeline", *arguments]


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the process gets: no colour settings of the one who tests, and this very source."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "PIPELINE_CONFIG", "PIPELINE_FORMAT")
    kept = {name: value for name, value in environ.items() if name not in left_out}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}


def pipeline(root: Path, environ: Mapping[str, str], *arguments: str, stdin: str = "") -> Ended:
    """Run one call to its end."""
    ended = subprocess.run(
        argv(*arguments),
        cwd=root,
        env=environment(environ),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)
