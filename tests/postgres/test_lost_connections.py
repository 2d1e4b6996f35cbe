"""A line that breaks at COMMIT tells nobody whether the server heard it: the server is asked, if it can be."""

from datetime import timedelta

import pytest

from pipeline.errors import Failed, NeedsHuman, OutcomeUnknown, PipelineError, Unavailable
from pipeline.postgres.target import Target
from tests.support.proxy import Breaks, proxied
from tests.support.sites import applied, ask, attempts, indexes, site, up, waits_for

NOBODY_AT_WORK = (
    "select where not exists (select from pg_stat_activity where datname = current_database()"
    " and application_name = 'pipeline test')"
)
TABLE = "create table b (id int)"


@pytest.fixture(autouse=True)
def table(owner: Target) -> None:
    up(owner, "1", "create table a (id int)")


def lose(owner: Target, word: str, breaks: Breaks, sql: str, *, times: int = 1) -> PipelineError:
    """Apply over a line that breaks; the truth is read once the server has let go."""
    with proxied(owner, word, breaks, times=times) as (line, proxy):
        with pytest.raises(PipelineError) as error:
            up(line, "2", sql)
        assert proxy.broken.wait(10)
        waits_for(owner, NOBODY_AT_WORK)
    return error.value


AT_COMMIT = [
    (Breaks.BEFORE, Failed, "which is not applied: the server says that it was rolled back"),
    (Breaks.AFTER, Unavailable, "which is applied: the server says that it was committed"),
]
BREAKS = (Breaks.BEFORE, Breaks.AFTER)


def must_be_applied(owner: Target, expected: bool) -> None:
    assert applied(owner) == [("1", True), ("2", True)][: 2 if expected else 1]
    assert ask(owner, "select to_regclass('public.b') is not null") == [(expected,)]


@pytest.mark.parametrize(("breaks", "kind", "truth"), AT_COMMIT)
def test_lost_at_commit_the_server_is_asked(
    owner: Target, breaks: Breaks, kind: type[PipelineError], truth: str
) -> None:
    error = lose(owner, "commit\0", breaks, TABLE)
    assert type(error) is kind
    assert error.what == f"the connection was lost at COMMIT of 2, {truth}"
    must_be_applied(owner, breaks is Breaks.AFTER)


@pytest.mark.parametrize("breaks", BREAKS)
def test_lost_at_commit_with_nobody_to_ask_is_unknown(owner: Target, breaks: Breaks) -> None:
    error = impatiently(owner, "commit\0", breaks, heals=False)
    assert isinstance(error, OutcomeUnknown)
    assert error.what == "the connection was lost at COMMIT of 2: it is applied as a whole, or not at all"
    waits_for(owner, NOBODY_AT_WORK)
    must_be_applied(owner, breaks is Breaks.AFTER)


def impatiently(owner: Target, word: str, breaks: Breaks, *, heals: bool = True) -> PipelineError:
    with (
        proxied(owner, word, breaks, heals=heals) as (line, _),
        pytest.raises(PipelineError) as error,
        site(line, patience=timedelta(seconds=2)) as at,
    ):
        at.up("2", TABLE)
    return error.value


def test_a_line_that_falls_silent_at_commit_is_not_waited_for(owner: Target) -> None:
    error = impatiently(owner, "commit\0", Breaks.SILENT)
    assert isinstance(error, Unavailable)
    assert "the server did not answer within 5 s" in str(error.why)
    must_be_applied(owner, True)


def test_a_line_that_falls_silent_before_commit_leaves_nothing(owner: Target) -> None:
    error = impatiently(owner, "create table b", Breaks.SILENT)
    assert isinstance(error, Failed)
    waits_for(owner, NOBODY_AT_WORK)
    must_be_applied(owner, False)


@pytest.mark.parametrize("breaks", BREAKS)
@pytest.mark.parametrize("word", ["set_config('search_path'", "create table b"])
def test_lost_before_commit_is_failed_and_leaves_nothing(owner: Target, word: str, breaks: Breaks) -> None:
    error = lose(owner, word, breaks, TABLE)
    assert type(error) is Failed
    assert applied(owner) == [("1", True)]
    assert ask(owner, "select to_regclass('public.b') is null") == [(True,)]
    up(owner, "2", TABLE)


@pytest.mark.parametrize("breaks", BREAKS)
def test_lost_while_an_index_is_built_is_unknown_and_a_rerun_converges(owner: Target, breaks: Breaks) -> None:
    sql = "create index concurrently i on a (id)"
    assert isinstance(lose(owner, "create index concurrently", breaks, sql), OutcomeUnknown)
    assert attempts(owner) == ["2"]
    assert applied(owner) == [("1", True)]
    up(owner, "2", sql)
    assert (indexes(owner), attempts(owner), len(applied(owner))) == ({"i": True}, [], 2)


AROUND_A_BUILD = [
    ("commit\0", 1, Breaks.BEFORE, Unavailable),
    ("commit\0", 1, Breaks.AFTER, Unavailable),
    ("begin; discard temp", 1, Breaks.BEFORE, NeedsHuman),
    ("insert into pipeline.applied", 1, Breaks.BEFORE, NeedsHuman),
    ("insert into pipeline.applied", 1, Breaks.AFTER, Unavailable),
]


@pytest.mark.parametrize(("word", "times", "breaks", "kind"), AROUND_A_BUILD)
def test_lost_before_or_after_a_build_is_no_success_and_no_plain_failure(
    owner: Target, word: str, times: int, breaks: Breaks, kind: type[PipelineError]
) -> None:
    sql = "create index concurrently i on a (id)"
    assert type(lose(owner, word, breaks, sql, times=times)) is kind
    if len(applied(owner)) == 1:
        up(owner, "2", sql)
    assert (indexes(owner), attempts(owner), len(applied(owner))) == ({"i": True}, [], 2)
