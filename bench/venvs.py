"""Other programs in Python live in venvs of their own, made when first needed: what they want is not ours."""

import subprocess
import sys
from pathlib import Path

from bench.contest import LeftOut
from bench.measure import LAST_WORDS


def python_with(requirements: tuple[str, ...], home: Path) -> Path:
    """The Python of a venv in ``home`` that has ``requirements``; raises LeftOut where they cannot be had."""
    python = home / "bin" / "python"
    if not python.exists():
        _run(sys.executable, "-m", "venv", str(home))
        _run(str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", *requirements)
    return python


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise LeftOut(f"{' '.join(argv[1:4])} … failed: {(done.stdout + done.stderr)[-LAST_WORDS:].strip()}")
