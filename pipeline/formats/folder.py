"""From a folder to a release: what is read, and by which format."""

from collections.abc import Mapping
from pathlib import Path

from pipeline.formats.files import LIMIT, MAX_FILES, read_folder
from pipeline.formats.interface import Format, Reading


def read_release(
    tool: Format,
    root: Path,
    path: Path,
    options: Mapping[str, object],
    *,
    limit: int = LIMIT,
    max_files: int = MAX_FILES,
) -> Reading:
    """The release in ``root``/``path`` with everything noticed on the way; each file is read exactly once.

    Raises ConfigurationError for a folder or for options that cannot be used.
    """
    files, findings = read_folder(root, path, limit=limit, max_files=max_files, wanted=tool.wanted(options))
    reading = tool.read(files, options)
    return Reading(reading.release, (*findings, *reading.findings))
