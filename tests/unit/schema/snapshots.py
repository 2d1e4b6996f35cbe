"""Snapshots for tests: a few by hand, any number at random."""

from hypothesis import strategies as st

from pipeline.schema.model import ObjectKey, Properties, Snapshot

TABLES = ("public.t", "public.u", 'public."a.b"')
WORDS = st.sampled_from(["", "a", "b", "1", '"', "a\nb", "é", "\x01", "null", "public.t", "t.a", "(a > 1)"])
PROPERTIES = st.sampled_from(["type", "owner", "definition", "comment", "acl", "labels", "options", "table"])

properties = st.dictionaries(PROPERTIES, st.none() | WORDS, max_size=4)
keys = st.builds(
    ObjectKey,
    st.sampled_from(["table", "view", "function", "index", "something new"]),
    st.sampled_from([*TABLES, "public.f(integer)", "public.v", "public.w"]),
) | st.builds(
    ObjectKey,
    st.sampled_from(["column", "constraint"]),
    st.sampled_from(["public.t.a", "public.t.b", "public.u.a", 'public."a.b".c']),
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Any snapshot whose column orders belong to its tables; few identities, so that names exchange them."""
    objects = draw(st.dictionaries(keys, properties, max_size=8))
    tables = [key.name for key in objects if key.kind == "table"]
    order = {table: tuple(draw(st.permutations(["a", "b", "c"]))) for table in tables}
    first = draw(st.integers(0, 9))
    return Snapshot(
        objects=objects,
        column_order=order,
        settings=draw(st.dictionaries(WORDS, WORDS, max_size=3)),
        origin=draw(st.sampled_from(["", "here", "here", "there"])),
        identities={key: f"{key.kind}/{(first + number) % 10}" for number, key in enumerate(objects)},
    )


@st.composite
def moments(draw: st.DrawFn) -> Snapshot:
    """One database at any moment: the same few places, under any names, with any columns."""
    objects: dict[ObjectKey, Properties] = {}
    identities: dict[ObjectKey, str] = {}
    order: dict[str, tuple[str, ...]] = {}
    names = draw(st.permutations(["public.t", "public.u", "app.t", 'public."a.b"']))
    for number, name in enumerate(names[: draw(st.integers(1, 4))]):
        table = ObjectKey("table", name)
        columns = draw(st.permutations(["a", "b", "c"]))[: draw(st.integers(0, 3))]
        index = ObjectKey("index", draw(st.sampled_from([f"public.i{number}", f"public.j{number}"])))
        texts = {"table": name, "definition": f"CREATE INDEX {index.name[7:]} ON {name} USING btree (a)"}
        objects |= {table: draw(properties), index: texts}
        identities |= {table: f"pg_class/{number}", index: f"pg_class/9{number}"}
        order[name] = tuple(draw(st.permutations(columns)))
        for place, column in enumerate(columns):
            key = ObjectKey("column", f"{name}.{column}")
            objects[key] = {"type": draw(st.sampled_from(["integer", "text", *names]))}
            identities[key] = f"pg_class/{number}/{place}"
    return Snapshot(objects, order, origin="here", identities=identities)


pairs = st.tuples(snapshots(), snapshots()) | st.tuples(moments(), moments())
"""Two databases, or one at two moments."""
