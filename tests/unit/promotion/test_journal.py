"""The journal: what is written is there, in order, and cannot be changed unseen."""

import json
from pathlib import Path

import pytest

from pipeline.promotion.journal import Journal, read


def written(path: Path) -> Journal:
    journal = Journal(path / "runs" / "journal.jsonl")
    for number in range(4):
        journal.write("started", step=f"step {number}")
    return journal


def test_what_was_written_is_read_in_order(tmp_path: Path) -> None:
    journal = written(tmp_path)
    assert [entry["step"] for entry in read(journal.path)] == [f"step {n}" for n in range(4)]


def test_a_last_line_cut_off_by_a_crash_is_left_out(tmp_path: Path) -> None:
    journal = written(tmp_path)
    content = journal.path.read_bytes()
    journal.path.write_bytes(content[:-5])
    assert len(read(journal.path)) == 3


@pytest.mark.parametrize("tamper", ["edit", "delete", "reorder", "insert"])
def test_a_journal_that_was_tampered_with_is_refused(tmp_path: Path, tamper: str) -> None:
    journal = written(tmp_path)
    lines = journal.path.read_text().splitlines()
    changed = {
        "edit": [lines[0].replace("step 0", "step 9"), *lines[1:]],
        "delete": [lines[0], *lines[2:]],
        "reorder": [lines[1], lines[0], *lines[2:]],
        "insert": [lines[0], json.dumps({"n": 1, "before": "x"}), *lines[1:]],
    }[tamper]
    journal.path.write_text("\n".join(changed) + "\n")
    with pytest.raises(ValueError, match="does not follow"):
        read(journal.path)


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    assert written(tmp_path).path.stat().st_mode & 0o077 == 0
