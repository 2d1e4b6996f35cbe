"""Programs that are really started: how they end, what they see, and that they do not outlive us."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import Failed, Unavailable
from pipeline.programs.git import commit_of
from pipeline.programs.installations import choose
from pipeline.programs.run import lean, run, stream
from tests.support.processes import becomes, kill, living, script, wait_for_line

SOON = timedelta(seconds=20)


def test_what_a_program_says_comes_back() -> None:
    completed = run([sys.executable, "-c", "print(input()[::-1])"], timeout=SOON, stdin="abc\n")
    assert (completed.returncode, completed.stdout) == (0, "cba\n")


def test_a_program_that_fails_is_shown_with_its_last_words_and_no_secret() -> None:
    code = "import os, sys; sys.exit('no way: ' + os.environ['PGPASSWORD'])"
    with pytest.raises(Failed, match="exit code 1") as caught:
        run([sys.executable, "-c", code], timeout=SOON, env=lean(PGPASSWORD="canary"))
    assert caught.value.why == "no way: ****"


def test_a_program_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="cannot be started"):
        run(["/no/such/program"], timeout=SOON)


def test_a_program_that_takes_too_long_is_stopped_with_all_it_started() -> None:
    word = f"nap-{os.getpid()}"
    nap = "import time; time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{nap}', sys.argv[1]])"
    with pytest.raises(Failed, match="was stopped after"):
        run([sys.executable, "-c", code, word], timeout=timedelta(seconds=0.5))
    assert becomes(lambda: not living(word))


def test_an_expected_exit_code_is_no_failure() -> None:
    assert run([sys.executable, "-c", "raise SystemExit(2)"], timeout=SOON, accept=(0, 2)).returncode == 2


def test_a_stream_arrives_whole_and_in_order() -> None:
    chunks: list[bytes] = []
    code = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 20000)"
    stream([sys.executable, "-c", code], into=chunks.append, timeout=SOON)
    assert b"".join(chunks) == bytes(range(256)) * 20000


def test_a_stream_whose_reader_fails_ends_its_program() -> None:
    word = f"flood-{os.getpid()}"

    def refuse(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    code = "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 65536)"
    with pytest.raises(OSError, match="No space left"):
        stream([sys.executable, "-c", code, word], into=refuse, timeout=SOON)
    assert becomes(lambda: not living(word))


def test_a_stream_whose_reader_is_killed_ends_its_program() -> None:
    word = f"orphan-{os.getpid()}"
    reader = script(
        "import sys\nfrom datetime import timedelta\nfrom pipeline.programs.run import stream\n"
        "flood = 'import sys\\nwhile True: sys.stdout.buffer.write(b\"x\" * 65536)'\n"
        "stream([sys.executable, '-c', flood, sys.argv[1]], timeout=timedelta(60),"
        " into=lambda _: print('some', flush=True))",
        word,
    )
    assert wait_for_line(reader) == "some"
    kill(reader)
    assert becomes(lambda: not living(word))


@pytest.mark.pg15
@pytest.mark.parametrize("major", [15, 18])
def test_an_installation_tells_its_version(major: int) -> None:
    assert choose(major, os.environ).version.startswith(f"{major}.")


def test_a_commit_is_known_by_its_id_and_whether_the_tree_differs(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        run(["git", "-C", tmp_path, *identity, *words], timeout=SOON)

    assert commit_of(tmp_path) is None
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "x")
    commit = commit_of(tmp_path)
    assert commit is not None
    assert (len(commit.id), commit.dirty) == (40, False)
    (tmp_path / "new").touch()
    assert commit_of(tmp_path) == type(commit)(commit.id, dirty=True)
