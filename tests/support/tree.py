"""The project's own files, for tests that guard the house."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@cache
def own_files() -> tuple[Path, ...]:
    """Every file that git has or would take, relative to the root; without git, all but hidden folders."""
    if git := shutil.which("git"):
        argv = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        if listed.returncode == 0:
            names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
            return tuple(Path(name) for name in sorted(names))
    files = (file.relative_to(ROOT) for file in sorted(ROOT.rglob("*")) if file.is_file())
    return tuple(file for file in files if not any(part.startswith(".") for part in file.parts[:-1]))


def python_files(folder: str) -> list[Path]:
    """The Python files below a folder of the project, relative to the root."""
    return [file for file in own_files() if file.parts[0] == folder and file.suffix == ".py"]
