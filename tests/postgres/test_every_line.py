"""A line that breaks at any word of a run: what is reported is what is true, and a rerun applies it once.

The line breaks before the server hears the word, or after that, or it falls silent and stays up.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from pipeline.errors import Failed, NeedsHuman, OutcomeUnknown, PipelineError, Unavailable
from pipeline.postgres.target import Target
from tests.support.proxy import Breaks, proxied
from tests.support.releases import FORMATS
from tests.support.sites import LIMITS, applied, ask, attempts, indexes, site, up, waits_for
from tests.support.torture import at_depth

PATIENCE = timedelta(seconds=2)
LET_GO = timedelta(seconds=5)
"""No case lasts longer than this beyond what it may last."""
AT_WORK = (
    "select from pg_stat_activity where datname = current_database() and application_name = 'pipeline test'"
)

CHANGE = "create table b (id int); update a set id = id + 1"
SLOW = timedelta(seconds=2)
SLOW_COMMIT = f"""{CHANGE};
create function slow() returns trigger language plpgsql as $$
begin perform pg_sleep({SLOW.total_seconds()}); return null; end $$;
create constraint trigger slow after insert on b deferrable initially deferred
  for each row execute function slow();
insert into b values (1)
"""
BUILD = "create index concurrently i on a (id)"
RECORD = "insert into pipeline.applied"


@dataclass(frozen=True)
class Case:
    """A script, the nth time of a word at which the line breaks, and how."""

    format: str
    script: str
    word: str
    times: int
    breaks: Breaks

    def __str__(self) -> str:
        return f"{self.format}-{self.script[:12]}-{self.word}-{self.times}-{self.breaks.value}".replace(
            "\0", ""
        )

    @property
    def deadline(self) -> timedelta:
        """How long the script may take where nobody says anything any more."""
        return PATIENCE + (SLOW if self.script == "slow" else timedelta())


IN_A_TRANSACTION = [("begin", 1), ("create table b", 1), ("update a", 1), (RECORD, 1), ("commit\0", 1)]
AROUND_A_BUILD = [
    ("insert into pipeline.attempts", 1),
    ("commit\0", 1),
    ("'lock_timeout', '0'", 1),
    ("create index concurrently", 1),
    ("reset session authorization", 1),
    (RECORD, 1),
    ("commit\0", 2),
]
SCRIPTS = {
    "fast": (CHANGE, IN_A_TRANSACTION),
    "slow": (SLOW_COMMIT, [("commit\0", 1)]),
    "build": (BUILD, AROUND_A_BUILD),
}


def cases() -> Sequence[Case]:
    """All of them; a usual run takes one format, and does not wait for silence at every word."""
    formats = FORMATS[: at_depth(1, 3)]
    made = [
        Case(format_name, script, word, times, breaks)
        for format_name in formats
        for script, (_, words) in SCRIPTS.items()
        for word, times in words
        for breaks in Breaks
    ]
    telling = {"commit\0", "create index concurrently"}
    return [case for case in made if at_depth(0, 1) or case.breaks is not Breaks.SILENT or case.word in telling]


def report(line: Target, case: Case) -> PipelineError | None:
    """What a run says at last."""
    limits = replace(LIMITS, online=case.deadline)
    try:
        with site(line, case.format, patience=case.deadline, limits=limits) as at:
            at.up("2", SCRIPTS[case.script][0])
    except PipelineError as error:
        return error
    return None


def must_be_true(said: PipelineError | None, case: Case, *, is_applied: bool) -> None:
    """Who says that it is applied, or not, is right; nobody may leave it open what a transaction became."""
    if said is None or (isinstance(said, Unavailable) and "is applied" in said.what):
        assert is_applied, said
    elif isinstance(said, Failed):
        assert not is_applied, said
    else:
        assert case.script == "build", said
        assert isinstance(said, OutcomeUnknown | NeedsHuman | Unavailable)
        assert "again" in str(said.todo)


def is_applied(owner: Target, case: Case) -> bool:
    version, success = applied(owner, case.format)[-1]  # Prisma's is the name of a folder
    return "2" in str(version) and success and attempts(owner) == []


@pytest.mark.timeout(60)
@pytest.mark.acceptance("AT-04")
@pytest.mark.parametrize("case", cases(), ids=str)
def test_what_is_reported_is_what_is_true(owner: Target, case: Case) -> None:
    up(owner, "1", "create table a (id int); insert into a values (1)", case.format)
    with proxied(owner, case.word, case.breaks, times=case.times) as (line, proxy):
        begun = time.monotonic()
        said = report(line, case)
        took = timedelta(seconds=time.monotonic() - begun)
        assert proxy.broken.wait(10)
        waits_for(owner, f"select where not exists ({AT_WORK})")
    must_be_true(said, case, is_applied=is_applied(owner, case))
    if not is_applied(owner, case):
        up(owner, "2", SCRIPTS[case.script][0], case.format)
    assert ask(owner, "select id from a") == [(1 if case.script == "build" else 2,)]
    assert indexes(owner) == ({"i": True} if case.script == "build" else {})
    assert ask(owner, "select migration from pipeline.applied order by id") == [("1",), ("2",)]
    assert took < case.deadline + LET_GO * at_depth(4, 1)
