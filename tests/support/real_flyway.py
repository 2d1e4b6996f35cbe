"""The real Flyway, as tests/support/tools/flyway.sh installs it: programs that stay and answer."""

import atexit
import json
import shutil
import subprocess
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import cast

from pipeline.postgres.target import Target
from tests.support.tools import folder

PARTS = Path(__file__).parent / "tools" / "flyway"
DEADLINE = 120
"""Seconds after which a command hangs, as far as a test is concerned."""


@dataclass(frozen=True)
class Answer:
    """How a command ended; ``table`` is what ``info`` shows."""

    code: int
    said: str
    table: list[dict[str, object]]


@cache
def program() -> Path:
    """Where the program should be."""
    return folder() / "flyway" / "flyway"


@cache
def missing_flyway() -> str | None:
    """The reason why there is no Flyway here, or none as these tests know it; or None."""
    if not program().exists():
        return "no Flyway (tests/support/tools/flyway.sh installs it)"
    parts = b"".join(file.read_bytes() for file in [PARTS / "pom.xml", *sorted(PARTS.glob("*.java"))])
    installed = program().with_name("installed").read_text().split()[0]
    if installed != sha256(parts).hexdigest():
        return "a Flyway of an earlier day (tests/support/tools/flyway.sh renews it)"
    return None


def compiled(folder: Path, sources: Mapping[str, str]) -> Mapping[str, bytes]:
    """The classes of Java sources by their names in a jar; ``sources`` are texts by such names."""
    for name, text in sources.items():
        file = folder / "sources" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    names = [str(folder / "sources" / name) for name in sources]
    library = program().parent / "lib" / "*"
    argv = [shutil.which("javac") or "javac", "-d", str(folder / "classes"), "-cp", str(library), *names]
    subprocess.run(argv, check=True)
    classes = (folder / "classes").rglob("*.class")
    return {str(file.relative_to(folder / "classes")): file.read_bytes() for file in classes}


def flyway(
    target: Target,
    migrations: Path,
    command: str,
    settings: Mapping[str, str],
    files: Sequence[Path] = (),
) -> Answer:
    """Run one command to its end.

    ``settings`` are Flyway's own, without ``flyway.`` before them; they win over those of ``files``.
    """
    where = target.resolve()
    socket = f"{where['host']}/.s.PGSQL.{where['port']}"
    own = {
        "url": f"jdbc:postgresql://localhost/{where['dbname']}?socketFactory=UnixSocketFactory&socketFactoryArg={socket}",
        "user": where["user"],
        "password": where.get("password", ""),
        "locations": f"filesystem:{migrations}",
        **settings,
    }
    asked = {
        "command": command,
        "files": [str(file) for file in files],
        "settings": {f"flyway.{name}": value for name, value in own.items()},
    }
    with _machine() as machine:
        answer = machine.ask(json.dumps(asked))
    table = cast("list[dict[str, object]]", answer.get("result") or [])
    return Answer(int(str(answer["code"])), str(answer["said"]), table)


class _Machine:
    """One that runs; its end is that of its standard input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [program()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, request: str) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        overdue = threading.Timer(DEADLINE, self._process.kill)
        overdue.start()
        try:
            self._process.stdin.write(f"{request}\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            overdue.cancel()
        assert line, f"Flyway gave no answer to {request}"
        return cast("dict[str, object]", json.loads(line))

    def end(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)


_idle: list[_Machine] = []


@contextmanager
def _machine() -> Generator[_Machine]:
    """One that nobody else uses; a new one where all are busy. One that failed is not used again."""
    machine = _idle.pop() if _idle else _Machine()
    yield machine
    _idle.append(machine)


@atexit.register
def _end_all() -> None:
    for machine in _idle:
        machine.end()
