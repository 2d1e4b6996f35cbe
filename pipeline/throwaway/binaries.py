"""PostgreSQL's programs where the server's user can reach them.

As root the server runs as another user, who may not enter a closed home: an installation that lies in one
(a wheel in a virtual environment under /root) is copied, once, to a cache that everybody may read.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from pipeline.errors import Unavailable
from pipeline.programs.installations import WHEELS, Installation
from pipeline.throwaway.places import Account, reachable

CACHE = Path("/var/cache/pipeline")
NEEDLESS = shutil.ignore_patterns("*.a", "*.py", "*.pyc", "__pycache__", "include", "pkgconfig")


def within_reach(
    installation: Installation, account: Account | None, cache: Path | None = None
) -> Installation:
    """``installation`` itself, or its copy if the server's user cannot reach it."""
    if reachable(installation.program("postgres"), account):
        return installation
    root, folders = _parts(installation.bindir)
    kept = (_cache(account) if cache is None else cache) / _name(installation)
    if not kept.exists():
        _copy(root, folders, kept)
    return replace(installation, bindir=kept / installation.bindir.relative_to(root))


def _parts(bindir: Path) -> tuple[Path, list[Path]]:
    """What to copy and the folder it is relative to; a wheel keeps its libraries in a folder beside it."""
    for parent in bindir.parents:
        if parent.name in WHEELS:
            beside = parent.with_name(f"{parent.name}.libs")
            return parent.parent, [folder for folder in (parent, beside) if folder.exists()]
    return bindir.parent.parent, [bindir.parent]


def _name(installation: Installation) -> str:
    """Changes whenever the programs do."""
    status = installation.program("postgres").stat()
    text = f"{installation.bindir}\0{status.st_mtime_ns}\0{status.st_size}"
    return f"{installation.major}-{sha256(text.encode()).hexdigest()[:16]}"


def _cache(account: Account | None) -> Path:
    for folder in (CACHE, Path(gettempdir()) / "pipeline-programs", Path("/tmp/pipeline-programs")):  # noqa: S108
        try:
            if not folder.exists():
                folder.mkdir()
                folder.chmod(0o755)
        except OSError:
            continue
        status = folder.lstat()
        ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022
        if ours and reachable(folder, account):
            return folder
    raise Unavailable(
        "no place for a copy of PostgreSQL's programs that the server's user can reach",
        todo="run as an ordinary user, or install PostgreSQL outside of closed folders",
    )


def _copy(root: Path, folders: list[Path], kept: Path) -> None:
    """Beside its place and then renamed, so that nobody ever sees half of it."""
    draft = Path(mkdtemp(prefix=".new-", dir=kept.parent))
    try:
        for folder in folders:
            shutil.copytree(folder, draft / folder.relative_to(root), symlinks=True, ignore=NEEDLESS)
        for path in (draft, *_all_within(draft)):
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | 0o444 | (0o111 if mode & stat.S_IXUSR else 0))
        draft.rename(kept)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not kept.exists():
            raise


def _all_within(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_symlink())
