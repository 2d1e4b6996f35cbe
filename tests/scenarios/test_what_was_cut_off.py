"""After a run that was cut off, the next one says whether it goes on or starts anew; prod keeps the journal."""

import json
from pathlib import Path

import pytest

from pipeline.promotion import journal
from pipeline.proof import Evidence
from tests.support import crashing
from tests.support.projects import SmallProject, ask, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)


def killed(small: SmallProject, boundary: str) -> str:
    """The id of a run that died at a boundary."""
    before = set(runs(small))
    assert crashing.ended(crashing.start(small.root, small.environ, die_at=boundary)) == crashing.KILLED
    (died,) = set(runs(small)) - before
    return died


def runs(small: SmallProject) -> list[str]:
    folder = small.root / ".pipeline" / "runs"
    return [one.name for one in folder.iterdir()] if folder.exists() else []


def resumed(made: Evidence) -> list[str]:
    assert made.exit_code == 0, made.stopped
    return [one.message for one in made.findings if one.rule == "resumed"]


def test_one_that_was_cut_off_before_it_applied_anything_starts_anew(older: SmallProject) -> None:
    died = killed(older, "murmured rehearse 1")
    words = f"{died} was cut off at rehearse, before anything was applied: this run starts anew"
    assert resumed(promote(older)) == [words]


def test_one_that_was_cut_off_while_it_applied_is_continued(older: SmallProject) -> None:
    died = killed(older, "murmured apply 2")
    words = f"{died} was cut off after 2 of its migrations: this run continues with the 3 that are left"
    assert resumed(promote(older)) == [words]


def test_after_a_run_that_ended_nothing_is_said(older: SmallProject) -> None:
    assert resumed(promote(older, to="3")) == []
    assert resumed(promote(older)) == []


def test_the_journal_is_in_the_database_with_the_work(older: SmallProject) -> None:
    made = promote(older)
    path = older.root / ".pipeline" / "runs" / made.run_id / journal.FILE
    lines = (
        f"SELECT string_agg(line, E'\\n' ORDER BY number) FROM pipeline.journal WHERE run_id = '{made.run_id}'"
    )
    mirrored = str(ask(older.prod, lines)).splitlines()
    assert path.read_text().splitlines()[: len(mirrored)] == mirrored
    assert json.loads(mirrored[-1])["step"] == "same-end"


def test_a_run_that_was_cut_off_has_left_its_journal_in_the_database(older: SmallProject) -> None:
    died = killed(older, "murmured apply 2")
    last = f"SELECT line::json ->> 'step' FROM pipeline.journal WHERE run_id = '{died}' ORDER BY number DESC"
    assert ask(older.prod, last) == "apply"
    assert len(journal.read(Path(older.root / ".pipeline" / "runs" / died / journal.FILE))) > 1
