"""Behind a pooler, locks and settings belong to nobody: it is refused before anything is written."""

import pytest

from pipeline.errors import Refused
from pipeline.postgres.connect import connected
from pipeline.postgres.target import Target
from tests.support.acceptance import Tally
from tests.support.pgbouncer import pooled
from tests.support.sites import ask, up


@pytest.mark.acceptance("AT-07")
@pytest.mark.pgbouncer
@pytest.mark.parametrize("mode", ["transaction", "session", "statement"])
def test_a_pooler_is_refused_and_the_direct_way_accepted(owner: Target, database: Target, mode: str) -> None:
    before = ask(database, "select pg_snapshot_xmax(pg_current_snapshot())::text")
    with pooled(owner, mode) as target:
        assert ask(target, "select 1") == [(1,)]
        with pytest.raises(Refused, match="is reached through a connection pooler") as refusal:
            up(target, "1", "create table a (id int)")
    assert "direct URL" in str(refusal.value.todo)
    assert ask(database, "select pg_snapshot_xmax(pg_current_snapshot())::text") == before
    assert ask(database, "select nspname from pg_namespace where nspname = 'pipeline'") == []


@pytest.mark.acceptance("AT-07")
@pytest.mark.pgbouncer
def test_of_a_hundred_connects_none_is_taken_for_another(owner: Target, tally: Tally) -> None:
    with pooled(owner, "transaction") as pooler:
        for _ in range(50):
            with tally.case(), pytest.raises(Refused, match="connection pooler"), connected(pooler):
                pytest.fail("it was accepted")
            with tally.case(), connected(owner):
                pass
