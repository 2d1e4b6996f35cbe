"""A security label is told with what it is on."""

import pytest

from pipeline.schema.assembly import Assembly
from pipeline.schema.labels import add_labels
from pipeline.schema.model import ObjectKey

TABLE = ObjectKey("table", "public.t")
COLUMN = ObjectKey("column", "public.t.a")
TYPE = ObjectKey("type", "public.c")
ATTRIBUTE = ObjectKey("attribute", "public.c.x")
VIEW = ObjectKey("view", "public.v")
NAME = "security label mac"


@pytest.fixture
def assembly() -> Assembly:
    """With a table, a composite type and a view."""
    assembly = Assembly(comments={}, acls={})
    assembly.objects = {TABLE: {}, COLUMN: {}, TYPE: {}, ATTRIBUTE: {}, VIEW: {}}
    assembly.keys["pg_class"] = {1: TABLE, 2: TYPE, 3: VIEW}
    return assembly


@pytest.mark.parametrize(
    ("oid", "column", "key", "name"),
    [
        (1, None, TABLE, NAME),
        (1, "a", COLUMN, NAME),
        (2, "x", ATTRIBUTE, NAME),
        (3, "a", VIEW, f"{NAME} of a"),
    ],
)
def test_a_label_is_a_property(
    assembly: Assembly, oid: int, column: str | None, key: ObjectKey, name: str
) -> None:
    add_labels(assembly, [("pg_class", oid, column, "mac", "secret")])
    assert {key: properties for key, properties in assembly.objects.items() if properties} == {
        key: {name: "secret"}
    }


def test_what_was_left_out_has_no_label(assembly: Assembly) -> None:
    add_labels(assembly, [("pg_class", 9, None, "mac", "secret"), ("pg_proc", 1, None, "mac", "secret")])
    assert not any(assembly.objects.values())
    assert "pg_proc" not in assembly.keys
