"""A migration is taken apart into what is to run."""

from pipeline.steps.release import prepare
from tests.support.builders import migration


def test_a_script_that_wraps_itself_in_a_transaction_runs_in_ours() -> None:
    prepared = prepare(migration("1", "begin;\ncreate table t ();\ncommit;", "begin; drop table t; end;"))
    assert [(one.text, one.line) for one in prepared.up] == [("create table t ()", 2)]
    assert [one.text for one in prepared.down] == ["drop table t"]
