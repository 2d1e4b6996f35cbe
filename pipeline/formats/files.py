"""Read a migrations folder once, and nothing outside of it.

Every folder and file is opened relative to the one above it and without following links, so no name, link
or race leads out of the project. Nothing but regular files is opened: a FIFO would block for ever, a device
might do anything.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path, PurePosixPath

from pipeline.errors import ConfigurationError
from pipeline.findings import Finding, Location, Severity
from pipeline.formats.model import SourceFile

LIMIT = 64 * 1024 * 1024
"""The largest file that is read, in bytes."""

MAX_FILES = 10_000
"""The largest number of files that is read."""

INSIDE = "!/"
"""Stands between an archive and what is in it, where files are shown."""

_NOT_UTF8 = re.compile("[\ud800-\udfff]")
_DEEPEST = 32
_ENTRIES_PER_FILE = 10
_STEP = 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Wanted = Callable[[str], bool]
"""Whether a format wants a path relative to the folder; a path that ends in "/" is a folder to look into."""


def read_folder(
    root: Path, path: Path, *, limit: int = LIMIT, max_files: int = MAX_FILES, wanted: Wanted
) -> tuple[tuple[SourceFile, ...], tuple[Finding, ...]]:
    """Every wanted file below ``root``/``path``, each read exactly once, ordered by path.

    A wanted folder that holds no wanted file is handed over too, as a SourceFile whose path ends in "/" and
    whose content is empty. What cannot be read (links, special files, too large, unreadable) is an error
    finding that names it. Raises ConfigurationError if the folder itself cannot be read, leads out of the
    project, or holds more than ``max_files`` wanted files.
    """
    relative = _inside(root, path)
    reader = _Reader("".join(f"{part}/" for part in relative.parts), limit, max_files, wanted)
    descriptor = _open_folder(root, relative)
    try:
        reader.read(descriptor, "", 0)
    finally:
        os.close(descriptor)
    return tuple(sorted(reader.files, key=attrgetter("path"))), tuple(reader.findings)


def _inside(root: Path, path: Path) -> PurePosixPath:
    """``path`` relative to ``root``. Raises ConfigurationError if it leads elsewhere."""
    relative = path.relative_to(root) if path.is_absolute() and path.is_relative_to(root) else path
    if relative.is_absolute() or ".." in relative.parts:
        raise ConfigurationError(
            f"the migrations folder {path} is outside of the project",
            where="migrations.path",
            why=f"only files below {root} are read, so that nothing else can be promoted by mistake",
            todo="give a path relative to the folder of environments.yaml, without ..",
        )
    return PurePosixPath(*relative.parts)


def _open_folder(root: Path, relative: PurePosixPath) -> int:
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in relative.parts:
        try:
            below = os.open(part, _FOLDER, dir_fd=descriptor)
        except OSError as error:
            raise ConfigurationError(
                f"the migrations folder {relative} cannot be read",
                where="migrations.path",
                why=f"{part} is a link, which might lead anywhere"
                if _is_link(part, descriptor)
                else error.strerror,
                todo="name a real folder inside of the project",
            ) from error
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


@dataclass
class _Reader:
    """What was read so far, below one folder of the project."""

    above: str
    limit: int
    max_files: int
    wanted: Wanted
    files: list[SourceFile] = field(default_factory=list[SourceFile])
    findings: list[Finding] = field(default_factory=list[Finding])
    entries: int = 0

    def read(self, folder: int, prefix: str, depth: int) -> bool:
        """Read one folder and those below it; whether anything wanted was seen."""
        seen = False
        for entry in self._entries(folder, prefix):
            path = prefix + entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    seen |= self._descend(folder, entry.name, path + "/", depth)
                elif self.wanted(path + "/" if entry.is_dir() else path):
                    seen = True
                    self._take(folder, entry, path)
            except OSError as error:
                seen = True
                self._refuse(path, f"it cannot be read: {error.strerror}", "make it readable, or move it away")
        return seen

    def _entries(self, folder: int, prefix: str) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=attrgetter("name"))
        self.entries += len(found)
        if self.entries > self.max_files * _ENTRIES_PER_FILE:
            raise self._too_many()
        for entry in found:
            if not entry.name.isascii() and _NOT_UTF8.search(entry.name):
                shown = os.fsencode(entry.name).decode(errors="backslashreplace")
                self._refuse(prefix + shown, "its name is not UTF-8", "rename it")
            else:
                yield entry

    def _descend(self, folder: int, name: str, path: str, depth: int) -> bool:
        if not self.wanted(path):
            return False
        if depth == _DEEPEST:
            self._refuse(path, f"folders are nested more than {_DEEPEST} deep", "move them up")
            return True
        below = os.open(name, _FOLDER, dir_fd=folder)
        try:
            if not self.read(below, path, depth + 1):
                self._keep(path, b"")
        finally:
            os.close(below)
        return True

    def _take(self, folder: int, entry: os.DirEntry[str], path: str) -> None:
        if entry.is_symlink():
            self._refuse(path, "it is a symbolic link, which might lead anywhere", "put the file itself here")
        elif not entry.is_file(follow_symlinks=False):
            self._refuse(path, "it is not a regular file", "move it away")
        else:
            self._open(folder, entry.name, path)

    def _open(self, folder: int, name: str, path: str) -> None:
        descriptor = os.open(name, _FILE, dir_fd=folder)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                self._refuse(path, "it is not a regular file", "move it away")
            elif facts.st_nlink > 1 and facts.st_uid != os.fstat(folder).st_uid:
                self._refuse(path, "it is a hard link to somebody else's file", "put a copy here")
            elif (content := _content(descriptor, facts.st_size, self.limit)) is None:
                self._refuse(
                    path, f"it is larger than {self.limit:,} bytes", "split it, or load the data elsewhere"
                )
            else:
                self._keep(path, content)
        finally:
            os.close(descriptor)

    def _keep(self, path: str, content: bytes) -> None:
        if len(self.files) == self.max_files:
            raise self._too_many()
        self.files.append(SourceFile(path, self.above + path, content))

    def _refuse(self, path: str, why: str, hint: str) -> None:
        place = Location(self.above + path)
        self.findings.append(Finding("file", Severity.ERROR, f"{path} is not read: {why}", place, hint))

    def _too_many(self) -> ConfigurationError:
        return ConfigurationError(
            f"the migrations folder {self.above} holds more than {self.max_files:,} files",
            where="migrations.path",
            why="a folder of that size is rarely a folder of migrations",
            todo="point migrations.path at the migrations alone",
        )


def _content(descriptor: int, size: int, limit: int) -> bytes | None:
    """The whole file, or None if it is larger than ``limit`` now, whatever its size was a moment ago."""
    if size > limit:
        return None
    content = os.read(descriptor, size + 1)
    while size < len(content) <= limit and (more := os.read(descriptor, _STEP)):
        content += more
    return content if len(content) <= limit else None
