"""Files from which libpq takes a password by itself, and which others on this machine could read as well.

libpq leaves such a password file out, which shows as a failed login; a service file it reads all the same.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import Refused

_OTHERS = 0o077
_PASSWORD = re.compile(r"^\s*password\s*=", re.MULTILINE)


def refuse_exposed(parameters: Mapping[str, str], environ: Mapping[str, str], where: str = "") -> None:
    """Raises Refused where a password file or a service file with a password is open to others."""
    home = Path(environ.get("HOME") or "/nonexistent")
    if "password" not in parameters and not environ.get("PGPASSWORD"):
        given = parameters.get("passfile") or environ.get("PGPASSFILE")
        _refuse(Path(given) if given else home / ".pgpass", "the password file", where)
    if parameters.get("service") or environ.get("PGSERVICE"):
        given = parameters.get("servicefile") or environ.get("PGSERVICEFILE")
        file = Path(given) if given else home / ".pg_service.conf"
        if _holds_password(file):
            _refuse(file, "the service file, with a password in it,", where)


def _holds_password(file: Path) -> bool:
    try:
        return _PASSWORD.search(file.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def _refuse(file: Path, what: str, where: str) -> None:
    try:
        mode = file.stat().st_mode & 0o777
    except OSError:
        return
    if mode & _OTHERS:
        raise Refused(
            f"{what} {file} can be read by others on this machine (mode {mode:04o})",
            where=where,
            why="whoever reads it can do what this role can do",
            todo=f"chmod 600 {file}, and change the password if others were here",
        )
