"""The largest files that are read, and what they may cost: measured in a process of their own."""

import subprocess
import sys

import pytest

from tests.support.commands import environment
from tests.support.torture import at_depth

pytestmark = [pytest.mark.acceptance("AT-19"), pytest.mark.timeout(300)]

SIZE = at_depth(4 * 2**20, 64 * 2**20)
"""In bytes; 64 MiB is the largest file that is read."""
MOST = 300 * 2**20

READ = """
import sys
from pathlib import Path
from pipeline.formats.model import SourceFile
from pipeline.formats.text import decode
from pipeline.sql.split import UnreadableSql, split
piece, end, size = (eval(one) for one in sys.argv[1:])
decoded = decode(SourceFile("V1.sql", "V1.sql", piece * (size // len(piece)) + end))
try:
    said = "refused" if decoded.text is None else f"{len(split(decoded.text))} statements"
except UnreadableSql as error:
    said = error.message
print(said)
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024)
"""


@pytest.mark.parametrize(
    ("piece", "end", "said"),
    [
        (b"\0", b"", "refused"),
        (b"\xff", b"", "refused"),
        (b"\n", "\u202e".encode(), "refused"),
        (b"\r\n", b"\0", "refused"),
        (b"\xef\xbb\xbf", b"", "refused"),
        (b"\n", b"select 1", "1 statements"),
        (b"; ", b"", "0 statements"),
        (b"-- a\n", b"", "0 statements"),
        (b" ", b"select 1 from", "rejects this"),
        (b"(", b"", "nested too deeply"),
        (b"/*", b"", "too many signs"),
        (b"+", b"1", "too many signs"),
        (b"select e'\\n", b"'", "is a command of psql"),
    ],
)
def test_a_large_file_of_nonsense_is_refused_without_filling_the_memory(
    piece: bytes, end: bytes, said: str
) -> None:
    outcome, memory = read(piece, end, SIZE)
    assert said in outcome
    assert memory < MOST


def test_a_string_that_is_never_closed_costs_a_few_times_its_size() -> None:
    outcome, memory = read(b"'", b"'", SIZE // 2)
    assert "unterminated quoted string" in outcome
    assert memory < MOST


def read(piece: bytes, end: bytes, size: int) -> tuple[str, int]:
    """What a process of its own says to a file of such pieces, and the most memory that it had, in bytes."""
    argv = [sys.executable, "-c", READ, repr(piece), repr(end), repr(size)]
    ended = subprocess.run(argv, env=environment({}), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    outcome, memory = ended.stdout.splitlines()
    return outcome, int(memory)
