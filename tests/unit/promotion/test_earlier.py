"""Which promotion came before this one, and was it cut off?"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from pipeline.promotion.earlier import BEGUN, ENDED, CutOff, cut_off
from pipeline.promotion.journal import FILE, Journal


class Runs:
    """Journals in the order in which they were written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open: list[Journal] = []

    def run(self, name: str, *steps: str, environment: str = "prod", ended: bool = False) -> Journal:
        made = Journal(self.folder / name / FILE)
        made.write(BEGUN, environment=environment)
        for step in steps:
            made.write("started", step=step)
        if ended:
            made.write(ENDED, outcome="promoted", exit_code=0)
        os.utime(made.path, ns=(len(self.open), len(self.open)))
        self.open.append(made)
        return made

    def died(self, name: str, *steps: str, environment: str = "prod") -> None:
        self.run(name, *steps, environment=environment).close()


@pytest.fixture
def runs(tmp_path: Path) -> Generator[Runs]:
    made = Runs(tmp_path / "runs")
    yield made
    for one in made.open:
        one.close()


def test_without_a_run_there_is_none(runs: Runs) -> None:
    assert cut_off(runs.folder, "prod", but="r") is None


def test_the_last_step_of_a_run_that_died_is_told(runs: Runs) -> None:
    runs.died("r-1", "validate", "rehearse")
    assert cut_off(runs.folder, "prod", but="r-2") == CutOff("r-1", "rehearse")


def test_a_run_that_ended_hides_what_was_before_it(runs: Runs) -> None:
    runs.died("r-1", "rehearse")
    runs.run("r-2", "validate", ended=True).close()
    assert cut_off(runs.folder, "prod", but="r-3") is None


def test_a_run_that_is_still_at_work_is_not_cut_off(runs: Runs) -> None:
    runs.run("r-1", "rehearse")
    assert cut_off(runs.folder, "prod", but="r-2") is None


def test_of_a_run_that_began_to_apply_the_target_tells_the_rest(runs: Runs) -> None:
    runs.died("r-1", "gates", "apply", "same-end", "prune")
    assert cut_off(runs.folder, "prod", but="r-2") is None


def test_the_run_that_asks_and_other_environments_do_not_count(runs: Runs) -> None:
    runs.died("r-1", "rehearse")
    runs.died("r-2", "gates", environment="qa")
    runs.run("r-3")
    assert cut_off(runs.folder, "prod", but="r-3") == CutOff("r-1", "rehearse")


def test_a_journal_that_was_tampered_with_is_not_believed(runs: Runs) -> None:
    runs.died("r-1", "rehearse", "gates")
    file = runs.folder / "r-1" / FILE
    file.write_text(file.read_text().replace("rehearse", "promoted"))
    assert cut_off(runs.folder, "prod", but="r-2") is None
