"""A migration is taken apart into what is to run."""

import pytest

from pipeline.sql.statements import Outcome, Unknown
from pipeline.steps.prepare import prepare
from tests.support.builders import migration


def test_a_script_that_wraps_itself_in_a_transaction_runs_in_ours() -> None:
    prepared = prepare(migration("1", "begin;\ncreate table t ();\ncommit;", "begin; drop table t; end;"))
    assert [(one.text, one.line) for one in prepared.up] == [("create table t ()", 2)]
    assert [one.text for one in prepared.down] == ["drop table t"]


@pytest.mark.parametrize(
    ("second", "outcomes"),
    [
        ("insert into t values (1)", [None, None]),
        ("call p()", [Unknown("CREATE TABLE"), Unknown("CALL")]),
        ("do $$ begin commit; end $$", [Unknown("CREATE TABLE"), Unknown("DO")]),
    ],
)
def test_statements_run_apart_only_where_one_of_them_may_commit(
    second: str, outcomes: list[Outcome | None]
) -> None:
    one = migration("1", f"create table t (a int);\n{second};")
    apart = prepare(one._replace(up=one.up._replace(separate=True)))
    assert [statement.outcome for statement in apart.up] == outcomes
    assert all(statement.transactional for statement in prepare(one).up)
