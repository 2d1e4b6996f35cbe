"""From a folder to a release: what is read, and by which format."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.findings import Finding
from pipeline.formats.files import LIMIT, MAX_FILES, read_folder
from pipeline.formats.interface import Format
from pipeline.formats.model import NOWHERE, Configured, Reading, SourceFile, Surroundings


def configured(tool: Format, root: Path, path: Path, options: Mapping[str, object]) -> Configured:
    """The options together with the tool's own configuration files, in the project and beside the migrations.

    Raises ConfigurationError for a folder or for options that cannot be used.
    """
    names = frozenset(tool.configuration_files)
    files: list[SourceFile] = []
    findings: list[Finding] = []
    for place in (root, root / path) if names else ():
        if any(os.path.lexists(place / name) for name in names):
            relative = place.relative_to(root) if place.is_relative_to(root) else path
            found, noticed = read_folder(root, relative, wanted=names.__contains__)
            files += found
            findings += noticed
    made = tool.configured(files, options)
    return Configured(made.options, (*findings, *made.findings))


def read_release(
    tool: Format,
    root: Path,
    path: Path,
    options: Mapping[str, object],
    place: Surroundings = NOWHERE,
    *,
    limit: int = LIMIT,
    max_files: int = MAX_FILES,
) -> Reading:
    """The release in ``root``/``path`` with everything noticed on the way; each file is read exactly once.

    Raises ConfigurationError for a folder or for options that cannot be used.
    """
    own = configured(tool, root, path, options)
    files: list[SourceFile] = []
    findings = [*own.findings]
    for folder in tool.folders(path, own.options):
        found, noticed = read_folder(
            root, folder, limit=limit, max_files=max_files - len(files), wanted=tool.wanted(own.options)
        )
        files += found
        findings += noticed
    reading = tool.read(files, own.options, place)
    return Reading(replace(reading.release, files=tuple(files)), (*findings, *reading.findings))
