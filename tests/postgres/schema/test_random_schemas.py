"""Whatever a schema holds: a dump gives back the same, and nothing differs from itself."""

from hypothesis import Phase, given, settings

from pipeline.schema.diff import diff
from pipeline.schema.snapshot import take
from tests.postgres.schema.dumps import digests, restore, scratch
from tests.postgres.schema.random_schemas import schemas
from tests.support.servers import TestServer

EXPLAINED_ENOUGH = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: each try costs two databases."""


@settings(max_examples=15, deadline=None, phases=EXPLAINED_ENOUGH)
@given(text=schemas())
def test_a_restored_dump_has_the_same_shape(server: TestServer, text: str) -> None:
    with scratch(server) as original, scratch(server) as copy:
        original.change(text)
        restore(original, copy)
        before, after = take(original.connection, ["public"]), take(copy.connection, ["public"])
    assert diff(before, before) == ()
    assert diff(before, after) == ()
    assert digests(before) == digests(after)
