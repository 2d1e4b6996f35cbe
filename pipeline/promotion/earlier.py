"""The last promotion to an environment, if it was cut off before it wrote to it: told by its journal."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.promotion import journal

BEGUN = "begun"
ENDED = "ended"
APPLY = "apply"
RECENT = 50
"""How many runs are looked through, the newest first."""


class CutOff(NamedTuple):
    """A run that never said how it ended, and the last step that it began."""

    run_id: str
    step: str


def cut_off(runs: Path, environment: str, *, but: str) -> CutOff | None:
    """The last promotion to ``environment`` before the run ``but``, if it was cut off.

    ``runs`` holds a folder for each run. None where it ended, is still at work, began to apply (the target
    tells the rest), or its journal cannot be believed.
    """
    for folder in _newest(runs):
        file = folder / journal.FILE
        if folder.name == but:
            continue
        entries = _entries(file)
        if not entries or (entries[0]["event"], entries[0].get("environment")) != (BEGUN, environment):
            continue
        if entries[-1]["event"] == ENDED or journal.is_open(file):
            return None
        steps = [str(entry["step"]) for entry in entries if entry["event"] == "started"]
        if APPLY in steps:
            return None
        return CutOff(folder.name, steps[-1] if steps else BEGUN)
    return None


def _newest(runs: Path) -> list[Path]:
    folders = sorted(_dated(runs), key=lambda pair: pair[0], reverse=True)
    return [folder for _, folder in folders[:RECENT]]


def _dated(runs: Path) -> Iterator[tuple[int, Path]]:
    for folder in runs.iterdir() if runs.is_dir() else ():
        try:
            yield (folder / journal.FILE).stat().st_mtime_ns, folder
        except OSError:
            continue


def _entries(file: Path) -> tuple[Mapping[str, object], ...]:
    try:
        return journal.read(file)
    except (OSError, ValueError):
        return ()
