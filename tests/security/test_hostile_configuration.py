"""Twelve hostile configuration files, read by a process of its own: exit 64, quickly, in little memory."""

import os
import sys
from pathlib import Path

import pytest

from tests.support.commands import environment

PROJECT = """\
version: 1
project: shop
migrations: {format: flyway, path: migrations}
environments:
  prod:
    database: {url: "${PROD_DATABASE_URL}"}
"""
LEVELS = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMB = f"a: &a [x, x, x, x, x, x, x, x, x]\n{LEVELS}"
HOSTILE = {
    "a key twice": PROJECT.encode() + b"  prod:\n    database: {embedded: x}\n",
    "a bomb of aliases": BOMB.encode(),
    "a bomb of merges": (BOMB + "z: {<<: [*a, *b, *c]}\n").encode(),
    "a Python object": b"a: !!python/object/apply:os.system ['touch owned']\n",
    "10 MiB": b"a: " + b"x" * 10 * 2**20,
    "tabs": PROJECT.replace("  ", "\t").encode(),
    "a NUL": PROJECT.encode() + b"\0",
    "an unknown key": PROJECT.encode() + b"    unknown: 1\n",
    "another type": PROJECT.encode() + b"    protected: perhaps\n",
    "no as a name": PROJECT.replace("prod:", "no:").encode(),
    "nested without end": b"[" * 60_000,
    "empty": b"",
}
MEASURED = """
import sys
from pathlib import Path
from pipeline.cli.main import run
code = run(sys.argv[1:])
print(Path("/proc/self/status").read_text(), file=sys.stderr)
sys.exit(code)
"""
"""Its peak as the kernel counts it since the program began; what wait4 tells begins with the parent's."""
SECONDS = 1.0
MEMORY = 100 * 2**20


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_configuration_is_refused_quickly_and_cheaply(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "environments.yaml").write_bytes(content)
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", MEASURED, "config", "show", "--config", str(tmp_path / "environments.yaml")],
        environment(dict(os.environ)),
        file_actions=[(os.POSIX_SPAWN_OPEN, 2, str(tmp_path / "said"), os.O_WRONLY | os.O_CREAT, 0o600)],
    )
    _, status, used = os.wait4(child, 0)
    said, _, peak = (tmp_path / "said").read_text().rpartition("VmHWM:")
    assert os.waitstatus_to_exitcode(status) == 64, said
    assert "environments.yaml:" in said
    assert used.ru_utime + used.ru_stime < SECONDS
    assert int(peak.split()[0]) * 1024 < MEMORY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["environments.yaml", "said"]
