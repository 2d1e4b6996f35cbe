"""A folder of backups, for our eyes only: each is whole under its name, or not there at all.

A backup is a folder of its dump and its manifest. It is written under a temporary name, forced to disk and
renamed, so that neither a full disk nor SIGKILL leaves something that looks like a backup.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from secrets import token_hex

from pipeline.backups.manifest import Manifest, from_json, to_json
from pipeline.errors import Failed, Refused

DRAFT = ".new-"
MANIFEST = "manifest.json"
DUMP = "database.dump"
PRIVATE = 0o700
CATALOGS = 8 << 20
SHARE = 4


@dataclass(frozen=True)
class Backup:
    """A backup in a store: its folder, and what it says of itself."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """Its name in the store."""
        return self.manifest.name

    @property
    def file(self) -> Path:
        """The dump."""
        return self.folder / self.manifest.file

    @property
    def bytes(self) -> int:
        """The size of the dump."""
        return self.manifest.bytes


class Draft:
    """A dump that is being written, and counted and hashed on its way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.size = 0
        self._hash = sha256()
        self._file = os.fdopen(os.open(folder / DUMP, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written so far."""
        return f"sha256:{self._hash.hexdigest()}"

    def write(self, chunk: bytes) -> None:
        """Add to the dump."""
        self._file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def finish(self, manifest: Manifest) -> None:
        """Force the dump and its manifest to disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        with os.fdopen(
            os.open(self.folder / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as file:
            file.write(to_json(manifest))
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(self.folder)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


@dataclass(frozen=True)
class Store:
    """A folder of backups on this machine."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder, close it to others, and remove what killed runs have begun and not finished.

        Raises Failed where that cannot be.
        """
        try:
            self.folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            self.folder.chmod(PRIVATE)
        except OSError as error:
            raise _disk_failure(self.folder, error) from error
        for draft in self.folder.glob(f"{DRAFT}*"):
            with suppress(FileNotFoundError):  # its maker has just finished
                descriptor = _locked(draft)
                if descriptor is not None:
                    shutil.rmtree(draft, ignore_errors=True)
                    os.close(descriptor)

    @contextmanager
    def draft(self, name: str) -> Generator[Draft]:
        """A place to write the backup ``name``; at the end of the block it stands there if it was finished.

        Raises Refused for a name that is taken or unfit, Failed when the disk is full.
        """
        if not name or name.startswith(".") or "/" in name or (self.folder / name).exists():
            raise Refused(f"the backup cannot be called {name!r}", where=str(self.folder), why="taken or unfit")
        folder, descriptor = self._begin()
        try:
            draft = Draft(folder)
            try:
                yield draft
            finally:
                draft.close()
            if (folder / MANIFEST).exists():
                folder.rename(self.folder / name)
                _sync_folder(self.folder)
        except OSError as error:
            raise _disk_failure(self.folder, error) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)

    def _begin(self) -> tuple[Path, int]:
        """A new folder for a draft, and our hold on it.

        Before we have that, another run may take the folder for a dead one's and remove it.
        """
        while True:
            folder = self.folder / f"{DRAFT}{token_hex(8)}"
            folder.mkdir(mode=PRIVATE)
            with suppress(FileNotFoundError):
                descriptor = _locked(folder)
                if descriptor is not None and folder.exists():
                    return folder, descriptor
                if descriptor is not None:
                    os.close(descriptor)

    def list(self) -> tuple[Backup, ...]:
        """Every backup, the oldest first; raises Refused when a manifest cannot be trusted."""
        found = [self.read(path.parent) for path in self.folder.glob(f"[!.]*/{MANIFEST}")]
        return tuple(sorted(found, key=lambda backup: (backup.manifest.taken_at, backup.name)))

    def read(self, folder: Path) -> Backup:
        """The backup in a folder of the store; raises Refused when its manifest cannot be trusted."""
        manifest = from_json((folder / MANIFEST).read_bytes(), where=str(folder / MANIFEST))
        if manifest.name != folder.name or manifest.file != DUMP:
            raise Refused(
                f"{folder.name} holds the backup {manifest.name}",
                where=str(folder),
                todo="give it its own name back",
            )
        return Backup(folder, manifest)

    def prune(self, keep: timedelta, now: datetime) -> tuple[Backup, ...]:
        """Remove the backups older than ``keep``, but never the newest one of a database; returns them.

        Only what their own manifests name is removed; whatever else lies there stays.
        """
        backups = self.list()
        newest = {backup.manifest.database: backup for backup in backups}
        old = [backup for backup in backups if now - backup.manifest.taken_at > keep]
        removed = tuple(backup for backup in old if newest[backup.manifest.database] is not backup)
        for backup in removed:
            (backup.folder / MANIFEST).unlink()
            backup.file.unlink(missing_ok=True)
            if not any(backup.folder.iterdir()):
                backup.folder.rmdir()
        return removed

    def demand_room(self, database_bytes: int) -> None:
        """Raise Failed when a dump of a database of that size will hardly fit.

        A dump holds no indexes and is compressed: of what a database takes beyond its catalogs, a quarter is
        a usual upper bound. Where less than that is free there is no point in trying; where it turns out
        larger, the full disk fails the dump, and nothing of it stays.
        """
        free = shutil.disk_usage(self.folder).free
        wanted = max(0, database_bytes - CATALOGS) // SHARE
        if free < wanted:
            raise Failed(
                "no room for the backup",
                where=str(self.folder),
                why=f"{free >> 20} MiB are free, the dump may take {wanted >> 20} MiB",
                todo="free space, or set backup.store to another disk",
            )


def verify(backup: Backup) -> None:
    """Raise Refused unless the dump is, byte for byte, the one that was written."""
    try:
        size = backup.file.stat().st_size
        with backup.file.open("rb") as file:
            digest = f"sha256:{file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise _unfit(backup, error.strerror or str(error)) from error
    if size != backup.manifest.bytes:
        raise _unfit(backup, f"it has {size} bytes instead of {backup.manifest.bytes}")
    if digest != backup.manifest.sha256:
        raise _unfit(backup, f"its digest is {digest} instead of {backup.manifest.sha256}")


def _unfit(backup: Backup, why: str) -> Refused:
    return Refused(
        f"the backup {backup.name} is not what was written",
        where=str(backup.file),
        why=why,
        todo="use another backup",
    )


def _disk_failure(folder: Path, error: OSError) -> Failed:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return Failed(
        "no room for the backup" if full else "the backup cannot be written",
        where=str(folder),
        why=f"{error.strerror or error}; nothing was left behind",
        todo="free space, or set backup.store to another disk" if full else None,
    )


def _locked(folder: Path) -> int | None:
    """A hold on a folder that ends with us; None when somebody else has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
