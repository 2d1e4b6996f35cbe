"""Directives in comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.findings import Severity
from pipeline.sql.directives import read

GOOD = '-- pipeline: irreversible reason="the old totals cannot be computed"'
REASON = "the old totals cannot be computed"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n\n  {GOOD}\ndrop table t;",
        f"drop table t;\n{GOOD}\n",
        GOOD.replace(" pipeline", "pipeline"),
        f"/* first */\r\n{GOOD}\r\ndrop table t;",
        f"\ufeff{GOOD}",
    ],
)
def test_a_declared_reason_is_read(text: str) -> None:
    directives = read(text, "V1.sql")
    assert (directives.irreversible, directives.findings) == (REASON, ())


@pytest.mark.parametrize(
    "text",
    [
        f"select '\n{GOOD}\n'",
        f"do $$\n{GOOD}\n$$",
        f"/*\n{GOOD}\n*/",
        "select 1 -- the pipeline is irreversible",
        "-- Pipeline: prose about our data pipeline",
        "",
    ],
)
def test_the_same_words_elsewhere_mean_nothing(text: str) -> None:
    directives = read(text, "V1.sql")
    assert (directives.irreversible, directives.findings) == (None, ())


@pytest.mark.parametrize(
    ("text", "said", "hint", "place"),
    [
        (
            'select 1;\n-- pipeline: irreversable reason="x"',
            'unknown directive "irreversable"',
            "irreversible",
            (2, 1),
        ),
        ("-- pipeline: irreversible", "needs a reason", "write:", (1, 1)),
        ('-- pipeline: irreversible reason=""', "needs a reason", "write:", (1, 1)),
        ('-- pipeline: irreversible reason="  "', "needs a reason", "write:", (1, 1)),
        ("-- pipeline: irreversible reason=none", "needs a reason", "write:", (1, 1)),
        ("-- pipeline:", "says nothing", "write:", (1, 1)),
        (f"drop table t; {GOOD}", "easily overlooked", "line of its own", (1, 15)),
        (f"{GOOD}\n{GOOD}", "twice", "keep one", (2, 1)),
    ],
)
def test_a_directive_that_cannot_be_understood_is_an_error(
    text: str, said: str, hint: str, place: tuple[int, int]
) -> None:
    (finding,) = read(text, "V1.sql").findings
    assert finding.severity is Severity.ERROR
    assert said in finding.message
    assert hint in (finding.hint or "")
    assert finding.location is not None
    assert (finding.location.file, finding.location.line, finding.location.column) == ("V1.sql", *place)


def test_a_quote_in_a_reason_is_written_with_a_backslash() -> None:
    assert read('-- pipeline: irreversible reason="the \\"old\\" way"', "f").irreversible == 'the "old" way'


@given(st.text(max_size=80))
def test_no_directive_crashes_the_reader(rest: str) -> None:
    read(f"-- pipeline:{rest}", "f")
