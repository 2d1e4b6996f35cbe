"""A line that breaks at COMMIT tells nobody whether the server heard it: no success, and no plain failure."""

import pytest

from pipeline.errors import Failed, NeedsHuman, OutcomeUnknown, PipelineError, Unavailable
from pipeline.postgres.target import Target
from tests.support.proxy import Breaks, proxied
from tests.support.sites import applied, ask, attempts, indexes, up, waits_for

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


@pytest.mark.parametrize(("breaks", "committed"), [(Breaks.BEFORE, False), (Breaks.AFTER, True)])
def test_lost_at_commit_is_unknown_and_a_rerun_learns_the_truth(
    owner: Target, breaks: Breaks, committed: bool
) -> None:
    error = lose(owner, "commit\0", breaks, TABLE)
    assert isinstance(error, OutcomeUnknown)
    assert error.what.startswith("the connection was lost at COMMIT of 2")
    assert applied(owner) == [("1", True), ("2", True)][: 2 if committed else 1]
    assert ask(owner, "select to_regclass('public.b') is not null") == [(committed,)]


@pytest.mark.parametrize("breaks", Breaks)
@pytest.mark.parametrize("word", ["set_config('search_path'", "create table b", "insert into pipeline.applied"])
def test_lost_before_commit_is_failed_and_leaves_nothing(owner: Target, word: str, breaks: Breaks) -> None:
    error = lose(owner, word, breaks, TABLE)
    assert type(error) is Failed
    assert applied(owner) == [("1", True)]
    assert ask(owner, "select to_regclass('public.b') is null") == [(True,)]
    up(owner, "2", TABLE)


@pytest.mark.parametrize("breaks", Breaks)
def test_lost_while_an_index_is_built_is_unknown_and_a_rerun_converges(owner: Target, breaks: Breaks) -> None:
    sql = "create index concurrently i on a (id)"
    assert isinstance(lose(owner, "create index concurrently", breaks, sql), OutcomeUnknown)
    assert attempts(owner) == ["2"]
    assert applied(owner) == [("1", True)]
    up(owner, "2", sql)
    assert (indexes(owner), attempts(owner), len(applied(owner))) == ({"i": True}, [], 2)


AROUND_A_BUILD = [
    ("commit\0", 1, Unavailable),  # of its announcement
    ("insert into pipeline.applied", 1, NeedsHuman),
    ("commit\0", 2, OutcomeUnknown),  # of its row in the ledger
]


@pytest.mark.parametrize("breaks", Breaks)
@pytest.mark.parametrize(("word", "times", "kind"), AROUND_A_BUILD)
def test_lost_before_or_after_a_build_is_no_success_and_no_plain_failure(
    owner: Target, word: str, times: int, kind: type[PipelineError], breaks: Breaks
) -> None:
    sql = "create index concurrently i on a (id)"
    assert type(lose(owner, word, breaks, sql, times=times)) is kind
    if len(applied(owner)) == 1:
        up(owner, "2", sql)
    assert (indexes(owner), attempts(owner), len(applied(owner))) == ({"i": True}, [], 2)
