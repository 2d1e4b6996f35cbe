import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import pytest

from bench.measure import Command, CommandFailed, measure

SPIN = "import time\nwhile time.process_time() < 0.3: pass\n"


def test_a_command_runs_where_and_with_what_it_was_told(tmp_path: Path) -> None:
    write = "import os; open('seen', 'w').write(os.environ['WORD'])"
    measure(Command((sys.executable, "-c", write), cwd=tmp_path, environ={"WORD": "yes"}))
    assert (tmp_path / "seen").read_text() == "yes"


def test_the_work_of_children_counts() -> None:
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPIN!r}], check=True)"
    assert measure(Command((sys.executable, "-c", parent))).cpu >= 0.3


def test_one_that_times_itself_is_believed() -> None:
    sample = measure(Command((sys.executable, "-c", "print('done'); print('0.5 0.25')"), times_itself=True))
    assert (sample.wall, sample.cpu) == (0.5, 0.25)


def test_memory_at_its_peak_is_told() -> None:
    sample = measure(Command((sys.executable, "-c", "len(bytearray(200 << 20))")))
    own = getrusage(RUSAGE_SELF).ru_maxrss / 1024  # which a child begins with
    assert 200 <= sample.peak <= max(400, own)


def test_an_unexpected_end_is_told_with_the_last_words() -> None:
    last_words = "import sys; print('out'); sys.exit('alas')"
    with pytest.raises(CommandFailed, match=r"ended with 1:\n(?s:.*)alas"):
        measure(Command((sys.executable, "-c", last_words)))


def test_an_expected_failure_is_a_measurement() -> None:
    assert measure(Command((sys.executable, "-c", "raise SystemExit(3)"), exit_code=3)).wall > 0
