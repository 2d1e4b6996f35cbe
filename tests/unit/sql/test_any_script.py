"""Scripts of every kind of statement: what was put together comes apart at the same places, in any chunks."""

from collections.abc import Sequence

import postgast
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgast import PgQueryError

from pipeline.sql.grammar import parse, tree
from pipeline.sql.split import UnreadableSql, split
from tests.support.scripts import Part, damaged, parts, whole
from tests.support.torture import at_depth

pytestmark = [pytest.mark.acceptance("AT-19"), pytest.mark.timeout(1200)]


@settings(max_examples=at_depth(300, 15_000), deadline=None)
@given(parts)
def test_what_was_put_together_comes_apart_at_the_same_places(parts: Sequence[Part]) -> None:
    script = whole(parts)
    found = split(script)
    assert [one.text for one in found] == [one.sql.strip() for one in parts]
    assert [one.data.text if one.data else None for one in found] == [one.data for one in parts]
    assert all(script.startswith(one.text, one.offset) for one in found)


@settings(max_examples=at_depth(100, 5_000), deadline=None)
@given(damaged, st.integers(1, 60))
def test_the_size_of_a_chunk_changes_nothing(script: str, chunk: int) -> None:
    assert statements(script, chunk) == statements(script, len(script) + 1)


@settings(max_examples=at_depth(200, 10_000), deadline=None)
@given(damaged)
def test_what_is_accepted_are_the_statements_that_the_grammar_sees_in_the_whole(script: str) -> None:
    try:
        tree = postgast.parse(script)
    except PgQueryError:
        tree = None
    found = statements(script, 20)
    if tree is None:
        assert not isinstance(found, list)
    else:
        raw = script.encode()
        assert found == [
            (len(raw[: one.stmt_location].decode()), one.stmt.WhichOneof("node")) for one in tree.stmts
        ]


def statements(script: str, chunk: int) -> list[tuple[int, str | None]] | tuple[int, str]:
    """Where statements begin and of what kind they are; or where and why they are refused."""
    try:
        found = list(parse(script, 0, len(script), chunk=chunk))
    except UnreadableSql as error:
        return error.offset, error.message
    trees = ((one.offset, tree(one.text)) for one in found)
    return [(offset, node.WhichOneof("node") if node else None) for offset, node in trees]
