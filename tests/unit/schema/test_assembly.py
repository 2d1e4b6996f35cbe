"""Rows of the catalogs become objects; what hangs on something left out is left out."""

import pytest

from pipeline.schema.acls import Acl, Grant
from pipeline.schema.assembly import Assembly
from pipeline.schema.catalog.query import Query
from pipeline.schema.model import ObjectKey

TABLES = Query(catalog="pg_class", sql="", properties=("options",), letter="r")
POLICIES = Query(catalog="pg_policy", sql="", properties=("using",), within="pg_class")
CONSTRAINTS = Query(
    catalog="pg_constraint",
    sql="",
    properties=("index replica identity", "index", "definition"),
    within="pg_class",
)
INDEXES = Query(
    catalog="pg_class", sql="", properties=("replica identity", "definition"), within="pg_class", nested=False
)
TABLE = ObjectKey("table", "public.t")


@pytest.fixture
def assembly() -> Assembly:
    """With one table: oid 1, an ACL, a comment."""
    acl = Acl("me", {Grant("me", "app", "SELECT", grantable=False)})
    comments = {"pg_class": {(1, 0): "what it holds", (1, 2): "of a column", (9, 0): "of an index"}}
    assembly = Assembly(comments=comments, acls={("r", "me", "{app}"): acl})
    assembly.add(TABLES, [(1, None, "table", "public.t", "me", "{app}", None)])
    return assembly


def test_an_object_has_its_owner_acl_and_comment(assembly: Assembly) -> None:
    assert assembly.snapshot({}).objects == {
        TABLE: {"owner": "me", "acl": "app=SELECT", "comment": "what it holds"}
    }


def test_a_part_is_named_after_what_it_is_a_part_of(assembly: Assembly) -> None:
    assembly.add(POLICIES, [(5, 1, "policy", "p", None, None, "true")])
    assert assembly.objects[ObjectKey("policy", "public.t.p")] == {"using": "true"}


def test_what_hangs_on_something_left_out_is_left_out(assembly: Assembly) -> None:
    assembly.add(POLICIES, [(5, 2, "policy", "p", None, None, "true")])
    assembly.add_indexes(INDEXES, [(6, 2, "index", "public.i", None, None, "yes", "CREATE")])
    assembly.add_constraints(CONSTRAINTS, [(7, 2, "constraint", "c", None, None, "yes", "9", "CHECK (x)")])
    assembly.add_columns(("type",), [(2, 1, "a", None, "integer")])
    assembly.add_parents([(2, "public.p")])
    assembly.add_foreign_tables([(2, "far", None)])
    assert set(assembly.snapshot({}).objects) == {TABLE}


def test_the_index_that_identifies_rows_is_told_with_the_table(assembly: Assembly) -> None:
    assembly.add_indexes(INDEXES, [(6, 1, "index", "public.i", None, None, "yes", "CREATE")])
    assert assembly.objects[TABLE]["replica identity"] == "index public.i"
    assert assembly.objects[ObjectKey("index", "public.i")] == {"table": "public.t", "definition": "CREATE"}


def test_the_index_of_a_constraint_is_told_with_the_constraint(assembly: Assembly) -> None:
    assembly.add_constraints(CONSTRAINTS, [(7, 1, "constraint", "c", None, None, "yes", "9", "UNIQUE (a)")])
    assembly.add_parents([(9, "public.p")])
    assert assembly.objects[TABLE]["replica identity"] == "constraint public.t.c"
    assert assembly.objects[ObjectKey("constraint", "public.t.c")] == {
        "definition": "UNIQUE (a)",
        "validated": "yes",
        "index comment": "of an index",
    }


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        ("CHECK (x)", {"definition": "CHECK (x)", "validated": "yes"}),
        ("CHECK (x) NO INHERIT NOT VALID", {"definition": "CHECK (x) NO INHERIT", "validated": "no"}),
        ("FK DEFERRABLE", {"definition": "FK", "deferrable": "initially immediate", "validated": "yes"}),
        (
            "FK DEFERRABLE INITIALLY DEFERRED NOT VALID",
            {"definition": "FK", "deferrable": "initially deferred", "validated": "no"},
        ),
        ("FK NOT ENFORCED", {"definition": "FK", "validated": "not enforced"}),
    ],
)
def test_the_state_of_a_constraint_is_no_part_of_its_definition(
    assembly: Assembly, definition: str, told: dict[str, str]
) -> None:
    assembly.add_constraints(CONSTRAINTS, [(7, 1, "constraint", "c", None, None, None, None, definition)])
    assert assembly.objects[ObjectKey("constraint", "public.t.c")] == told


def test_columns_come_in_physical_order_with_their_comments(assembly: Assembly) -> None:
    assembly.add_columns(("type",), [(1, 1, "z", None, "integer"), (1, 2, "a", None, "text")])
    assert assembly.snapshot({}).column_order == {"public.t": ("z", "a")}
    assert assembly.objects[ObjectKey("column", "public.t.a")] == {"type": "text", "comment": "of a column"}


def test_several_parents_are_told_in_order(assembly: Assembly) -> None:
    assembly.add_parents([(1, "public.p"), (1, "public.a")])
    assert assembly.objects[TABLE]["inherits"] == "public.p, public.a"


def test_default_privileges_of_a_schema_are_told_whole() -> None:
    everything = {Grant("me", "me", "SELECT", grantable=False)}
    assembly = Assembly(comments={}, acls={("r", "me", "{}"): Acl("me", everything, everything)})
    assembly.add_default_privileges([(1, "me", "s", "tables", "r", "{}"), (2, "me", None, "tables", "r", "{}")])
    assert assembly.objects == {
        ObjectKey("default privileges", "me in schema s on tables"): {"acl": "me=ALL"},
        ObjectKey("default privileges", "me on tables"): {"acl": ""},
    }
