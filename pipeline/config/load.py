"""From a file to a Project: find it, read it, judge it as a whole, build the values."""

import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from pipeline.config import build, document, pins
from pipeline.config.document import Document
from pipeline.config.judging import paths, rules, unbuilt
from pipeline.config.judging.trees import mapping
from pipeline.config.model import MOST_ENVIRONMENTS, ProjectFile
from pipeline.config.pins import Pin
from pipeline.config.problems import InvalidConfiguration
from pipeline.config.project import Project
from pipeline.errors import ConfigurationError
from pipeline.shapes import section
from pipeline.shapes.complaints import Complaint, KeyPath
from pipeline.shapes.words import did_you_mean, listed, shown

VARIABLE = "PIPELINE_CONFIG"
NAMES = ("environments.yaml", "environments.yml")
_START = "write one with `pipeline init`, or name it with --config"


def load(path: Path | None, environ: Mapping[str, str]) -> Project:
    """The project of ``path``, of PIPELINE_CONFIG, or of the nearest environments.yaml up to the git root.

    Raises InvalidConfiguration with every problem of the file at once, ConfigurationError if there is none.
    """
    file = (path or find(environ, Path.cwd())).absolute()
    project = read(_content(file), file)
    return replace(project, pins=_pins(project))


def read(content: bytes, file: Path) -> Project:
    """The project that ``content`` describes, as if it stood in ``file`` (absolute)."""
    found = document.read(content, file.name)
    problems = list(found.problems)
    model = None
    if found.root is not None:
        model, complaints = _judge(found, file.parent)
        spoilt = {problem.location for problem in problems}
        placed = (found.problem(complaint) for complaint in complaints)
        problems += [problem for problem in placed if problem.location not in spoilt]
    if problems or model is None:
        raise InvalidConfiguration(problems)
    return build.project(model, found, file)


def find(environ: Mapping[str, str], start: Path) -> Path:
    """The file that PIPELINE_CONFIG names, else the nearest from ``start`` upward to the git root."""
    if named := environ.get(VARIABLE):
        return Path(named)
    for folder in _upward(start):
        found = [folder / name for name in NAMES if (folder / name).exists()]
        if len(found) > 1:
            raise ConfigurationError(
                f"there are both {NAMES[0]} and {NAMES[1]}", where=str(folder), todo="keep one"
            )
        if found:
            return found[0]
    raise ConfigurationError(f"there is no {NAMES[0]} here or above", where=str(start), todo=_START)


def _pins(project: Project) -> Mapping[str, Pin]:
    found = pins.read(project.root)
    names = list(project.environments)
    for name in found:
        if name not in project.environments:
            raise ConfigurationError(
                f"there is a pin for `{shown(name)}`, which is no environment",
                where=pins.LOCK_FILE,
                why=f"{project.file.name} has: {listed(names)}",
                todo=did_you_mean(name, names) or "delete its entry",
            )
    return found


def _upward(start: Path) -> Iterator[Path]:
    """From ``start`` to the git root; outside of git ``start`` alone, since a folder above may be anyone's."""
    lineage = (start, *start.parents)
    top = next((index for index, folder in enumerate(lineage) if (folder / ".git").exists()), 0)
    yield from lineage[: top + 1]


def _content(file: Path) -> bytes:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise ConfigurationError("this is not a file", where=str(file), todo=_START)
        with file.open("rb") as stream:
            return stream.read(document.LARGEST + 1)
    except FileNotFoundError:
        raise ConfigurationError("there is no such file", where=str(file), todo=_START) from None
    except OSError as error:
        todo = "let this user read the file"
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=str(file), todo=todo) from None


def _judge(found: Document, root: Path) -> tuple[ProjectFile | None, list[Complaint]]:
    """The model if the tree fits it, and every complaint: at most one for each key."""
    value = found.root.value if found.root else None
    if not isinstance(value, dict):
        return None, [Complaint((), "the file must be a mapping", "it begins with `version: 1`")]
    data = cast("dict[str, object]", value)
    if len(mapping(data.get("environments"))) > MOST_ENVIRONMENTS:
        return None, [
            Complaint(("environments",), f"there are more than {MOST_ENVIRONMENTS}", "split the project")
        ]
    future = list(unbuilt.complaints(data))
    model, misshapen = section.read(ProjectFile, data)
    complaints = [
        *future,
        *rules.complaints(data),
        *_below_none(misshapen, {complaint.path for complaint in future}),
        *paths.complaints(data, root),
    ]
    return model, list({complaint.path: complaint for complaint in reversed(complaints)}.values())


def _below_none(complaints: Iterable[Complaint], covers: set[KeyPath]) -> Iterator[Complaint]:
    """Without the complaints about what stands below something that is refused as a whole."""
    for complaint in complaints:
        if not any(complaint.path[:length] in covers for length in range(len(complaint.path) + 1)):
            yield complaint
