"""The figures at the end of a run are those of the tests that it had, whichever process they ran in."""

import re

import pytest

from tests.support.acceptance import TITLES, Tally, summary
from tests.support.tree import ROOT, python_files

NUMBER = re.compile(r"mark\.acceptance\(\"([^\"]+)\"\)")


def report(*figures: tuple[str, str]) -> pytest.TestReport:
    """What a test with these figures leaves behind."""
    made = pytest.TestReport("test.py::test", ("test.py", 1, "test"), {}, "passed", None, "call")
    made.user_properties.extend(figures)
    return made


def test_every_number_that_a_test_names_has_a_title() -> None:
    named = {number for file in python_files("tests") for number in NUMBER.findall((ROOT / file).read_text())}
    assert {"AT-01", "AT-02", "AT-04", "AT-05", "AT-06", "AT-09"} <= named <= set(TITLES)


def test_cases_are_summed_by_number_and_what_did_not_run_is_left_out() -> None:
    reports = [report(("AT-01", "9 of 10")), report(("AT-01", "3 of 3"), ("other", "x")), report()]
    (line,) = summary(reports)
    assert line.split() == ["AT-01", *TITLES["AT-01"].split(), "12", "of", "13"]


def test_a_case_that_raises_has_not_held() -> None:
    tally = Tally()
    with tally.case():
        pass
    with pytest.raises(ValueError, match="no"), tally.case():
        raise ValueError("no")
    assert (tally.held, tally.begun) == (1, 2)
