"""Snapshots for tests: a few by hand, any number at random."""

from hypothesis import strategies as st

from pipeline.schema.model import ObjectKey, Snapshot

TABLES = ("public.t", "public.u", 'public."a.b"')
WORDS = st.sampled_from(["", "a", "b", "1", '"', "a\nb", "é", "\x01", "null"])

properties = st.dictionaries(st.sampled_from(["type", "owner", "definition", "comment"]), st.none() | WORDS)
keys = st.builds(
    ObjectKey,
    st.sampled_from(["table", "column", "view", "function", "something new"]),
    st.sampled_from([*TABLES, "public.t.a", 'public."a.b".c', "public.f(integer)"]),
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any snapshot whose column orders belong to tables that it has."""
    objects = draw(st.dictionaries(keys, properties, max_size=8))
    tables = [key.name for key in objects if key.kind == "table"]
    order = {table: tuple(draw(st.permutations(["a", "b", "c"]))) for table in tables}
    return Snapshot(objects=objects, column_order=order, settings=draw(st.dictionaries(WORDS, WORDS)))
