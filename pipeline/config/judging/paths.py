"""Where the paths of the file lead on this disk.

What is read stays inside the project; what may be emptied holds nothing else.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.config.judging.trees import items, mapping
from pipeline.config.model import STATE
from pipeline.config.sections import STORE
from pipeline.shapes.complaints import Complaint, KeyPath


def complaints(data: Mapping[str, object], root: Path) -> Iterator[Complaint]:
    """Complaints about the paths of a file whose folder is ``root``."""
    migrations = mapping(data.get("migrations")).get("path")
    yield from _inside(("migrations", "path"), migrations, root)
    environments = mapping(data.get("environments"))
    kept = _kept(data, migrations, root)
    for name, environment in environments.items():
        path = ("environments", name)
        yield from _scripts((*path, "rehearse"), mapping(mapping(environment).get("rehearse")), root)
        embedded = mapping(mapping(environment).get("database")).get("embedded")
        yield from _apart((*path, "database", "embedded"), embedded, kept, root)


def _kept(data: Mapping[str, object], migrations: object, root: Path) -> dict[Path, str]:
    """The folders that nobody may empty, with their names."""
    backups = (mapping(mapping(one).get("backup")) for one in mapping(data.get("environments")).values())
    named = [
        (".", "the project"),
        (migrations, "the migrations"),
        (data.get("state", STATE), "the state"),
        *((backup.get("store", STORE), "the backups") for backup in backups),
    ]
    found = ((_resolved(text, root), name) for text, name in named if isinstance(text, str))
    return {place: name for place, name in found if place is not None}


def _inside(path: KeyPath, text: object, root: Path) -> Iterator[Complaint]:
    if not isinstance(text, str):
        return
    if Path(text).is_absolute():
        yield Complaint(path, "must be relative", "write it from the folder of this file")
    elif (place := _resolved(text, root)) is None or not place.is_relative_to(root.resolve()):
        yield Complaint(path, "leads out of the project", "keep what is read beside this file or below it")


def _scripts(path: KeyPath, rehearse: Mapping[str, object], root: Path) -> Iterator[Complaint]:
    for key in ("prepare", "seed"):
        for index, text in items(rehearse.get(key)):
            outside = list(_inside((*path, key, index), text, root))
            yield from outside
            if isinstance(text, str) and not outside and not (root / text).is_file():
                yield Complaint((*path, key, index), "there is no such file", "write it, or leave it out")


def _apart(path: KeyPath, text: object, kept: Mapping[Path, str], root: Path) -> Iterator[Complaint]:
    """The folder of an embedded server is emptied by a reset, so nothing else may lie in it."""
    folder = _resolved(text, root) if isinstance(text, str) else None
    inside = [name for place, name in kept.items() if folder is not None and place.is_relative_to(folder)]
    if inside:
        hint = "give the database a folder of its own"
        yield Complaint(path, f"{inside[0]} would lie in the folder of this database", hint)


def _resolved(text: str, root: Path) -> Path | None:
    try:
        return (root / text).resolve()
    except (OSError, RuntimeError, ValueError):
        return None
