"""What can be seen from outside: the arguments of children, connections, and the files that are opened."""

import os
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.security.traced import traced
from tests.support.commands import pipeline
from tests.support.projects import URL, SmallProject

pytestmark = [pytest.mark.strace, pytest.mark.parametrize("server", [18], indirect=True)]

CANARY = "C4n@ry/%zz'\\ é"
_CREATED = re.compile(
    r'(?:open|mkdir)(?:at)?\((?:[^",]+, )?"([^"]+)", (?:[^,]*O_CREAT[^,]*, )?(0[0-7]{3,4})(?:\)| <unf)'
)
_OPENED = re.compile(r'openat\((?:AT_FDCWD<([^>]*)>|\d+<([^>]*)>), "([^"]+)", (\S+).*\) = \d+')


def test_no_child_gets_the_password_as_an_argument(small: SmallProject, tmp_path: Path) -> None:
    url = small.environ[URL].replace("@", f":{quote(CANARY, safe='')}@", 1)
    ended, lines = traced(
        small.root, {**small.environ, URL: url}, "promote", "prod", calls="execve", log=tmp_path / "log"
    )
    assert ended.code == 0, ended.err
    started = [line for line in lines if "execve(" in line]
    assert any("pg_dump" in line for line in started)
    told = "\n".join(started).encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
    for form in (CANARY, quote(CANARY, safe=""), quote(CANARY), CANARY[:8], CANARY[-8:]):
        assert form not in told
        assert form not in "\n".join(started)


@pytest.mark.parametrize("verb", ["doctor", "status", "plan", "promote", "pin", "backup", "drift"])
def test_a_server_elsewhere_is_not_connected_to_without_verification(
    small: SmallProject, tmp_path: Path, verb: str
) -> None:
    environ = {**small.environ, URL: "postgresql://u@203.0.113.1/x?sslmode=prefer"}
    ended, lines = traced(small.root, environ, verb, "prod", calls="connect", log=tmp_path / "log")
    assert not [line for line in lines if "AF_INET" in line]
    assert "sslmode=prefer" in ended.out + ended.err
    assert ended.code == 3


def test_what_we_put_into_temporary_files_is_for_nobody_else(small: SmallProject, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir(mode=0o755)
    environ = {**small.environ, "TMPDIR": str(temporary)}
    calls = "openat,open,mkdir,mkdirat"
    ended, lines = traced(small.root, environ, "promote", "prod", calls=calls, log=tmp_path / "log")
    assert ended.code == 0, ended.err
    created = [match.groups() for line in lines for match in _CREATED.finditer(line)]
    ours = {Path(path): int(mode, 8) for path, mode in created if path.startswith(f"{temporary}/")}
    closed = {path for path, mode in ours.items() if not mode & 0o077}
    assert closed
    assert not [path for path in ours if not closed & {path, *path.parents}]


def outside(root: Path, lines: list[str]) -> list[str]:
    """What was opened through a path of the project, or by a name in one of its folders, but lies elsewhere."""
    found: list[str] = []
    for line in lines:
        for cwd, folder, name, _flags in _OPENED.findall(line):
            path = Path(cwd or folder) / name
            if str(path).startswith(str(root)) and not path.resolve().is_relative_to(root.resolve()):
                found.append(line)
    return found


def link(folder: Path, secret: Path) -> None:
    (folder / "V9__x.sql").symlink_to(secret)


def hard_link(folder: Path, secret: Path) -> None:
    os.chown(secret, 12345, -1)
    (folder / "V9__x.sql").hardlink_to(secret)


def fifo(folder: Path, _secret: Path) -> None:
    os.mkfifo(folder / "V9__x.sql")


def device(folder: Path, _secret: Path) -> None:
    os.mknod(folder / "V9__x.sql", 0o20666, os.makedev(1, 5))


def linked_folder(folder: Path, secret: Path) -> None:
    (folder / "more").symlink_to(secret.parent)


def sparse(folder: Path, _secret: Path) -> None:
    with (folder / "V9__x.sql").open("wb") as file:
        file.truncate(1 << 30)


def too_many(folder: Path, _secret: Path) -> None:
    for number in range(100_001):
        os.mknod(folder / f"V{number + 10}__x.sql")


def above(folder: Path, secret: Path) -> None:
    file = folder.parent / "environments.yaml"
    file.write_text(file.read_text().replace("path: migrations", f"path: ../{secret.parent.name}"))


TRAPS = {"link": link, "hard link": hard_link, "fifo": fifo, "device": device, "sparse": sparse, "..": above,
         "100,001 files": too_many}  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices and files of others")
@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_no_file_outside_of_the_project_is_read(small: SmallProject, tmp_path: Path, trap: object) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "V8__secret.sql").write_text("create table secret ()")
    assert callable(trap)
    trap(small.migrations, elsewhere / "V8__secret.sql")
    ended, lines = traced(small.root, small.environ, "validate", calls="openat", log=tmp_path / "log")
    assert ended.code in {3, 64}, ended.out + ended.err
    assert outside(small.root, lines) == []
    assert not [line for line in lines if str(elsewhere) in line.partition("openat(")[2].rpartition("=")[0]]


def test_a_linked_folder_is_not_entered(small: SmallProject, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "V8__secret.sql").write_text("create table secret ()")
    linked_folder(small.migrations, elsewhere / "V8__secret.sql")
    ended, lines = traced(small.root, small.environ, "validate", calls="openat", log=tmp_path / "log")
    assert outside(small.root, lines) == []
    assert "secret" not in ended.out


def test_an_exposed_password_file_is_refused(small: SmallProject, tmp_path: Path) -> None:
    (tmp_path / ".pgpass").write_text("*:*:*:*:S3cret\n")
    (tmp_path / ".pgpass").chmod(0o644)
    ended = pipeline(small.root, {**small.environ, "HOME": str(tmp_path)}, "doctor", "prod")
    assert ended.code == 3
    assert "can be read by others" in ended.out + ended.err
