"""SQL from one shape to another: what is written, and what nobody dares to write."""

import pytest
from hypothesis import given

from pipeline.schema.alter import loses_rows, statements
from pipeline.schema.ddl import Unsure
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from tests.unit.schema.snapshots import snapshots

TABLE = ObjectKey("table", "public.t")
COLUMN = ObjectKey("column", "public.t.a")
EMPTY = Snapshot(objects={})
BASE = Snapshot(objects={TABLE: {"owner": "o"}, COLUMN: {"type": "text", "not null": "no"}})


def with_object(kind: str, name: str, **properties: str) -> Snapshot:
    return Snapshot(objects={**BASE.objects, ObjectKey(kind, name): properties})


def with_column(properties: Properties) -> Snapshot:
    return Snapshot(objects={**BASE.objects, COLUMN: {"type": "text", "not null": "no", **properties}})


@given(snapshots())
def test_from_a_shape_to_itself_there_is_nothing_to_do(shape: Snapshot) -> None:
    assert statements(shape, shape) == ()


def test_what_is_new_is_made_unless_it_is_there_and_what_is_gone_is_dropped_if_it_is() -> None:
    wanted = with_object("column", 'public.t."B"', **{"type": "integer", "not null": "yes", "default": "7"})
    assert statements(BASE, wanted) == (
        'ALTER TABLE public.t ADD COLUMN IF NOT EXISTS "B" integer DEFAULT 7 NOT NULL',
    )
    assert statements(wanted, BASE) == ('ALTER TABLE public.t DROP COLUMN IF EXISTS "B"',)


def test_with_a_table_go_its_parts() -> None:
    more = with_object("index", "public.i", table="public.t", definition="CREATE INDEX i ON public.t (a)")
    assert statements(more, EMPTY) == ("DROP TABLE IF EXISTS public.t",)


def test_a_label_is_put_in_its_place() -> None:
    before = with_object("type", "public.e", form="enum", labels="'b', 'd'")
    after = with_object("type", "public.e", form="enum", labels="'a', 'b', 'c', 'd'")
    assert statements(before, after) == (
        "ALTER TYPE public.e ADD VALUE IF NOT EXISTS 'a' BEFORE 'b'",
        "ALTER TYPE public.e ADD VALUE IF NOT EXISTS 'c' AFTER 'b'",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BASE, with_object("extension", "hstore", version="1.8")),
        (BASE, with_object("something new", "public.x")),
        (BASE, with_column({"generated": "lower(b) stored"})),
        (BASE, with_column({"acl": "app=SELECT"})),
        (BASE, with_column({"not null": "yes, not valid"})),
        (BASE, with_object("table", "public.p", **{"partition key": "RANGE (a)"})),
        (BASE, with_object("index", "public.i", table="public.t", definition="CREATE INDEX", valid="no")),
        (with_object("type", "public.e", labels="'a'"), with_object("type", "public.e", labels="'b'")),
        (BASE, with_object("type", "public.c", form="composite")),
    ],
)
def test_what_is_not_certain_is_not_written(before: Snapshot, after: Snapshot) -> None:
    with pytest.raises(Unsure):
        statements(before, after)


@pytest.mark.parametrize(
    ("statement", "loses"),
    [
        ("DROP TABLE IF EXISTS public.t", True),
        ("ALTER TABLE public.t DROP COLUMN IF EXISTS a", True),
        ("ALTER TABLE public.t ALTER COLUMN a TYPE integer USING a::integer", True),
        ("ALTER TABLE public.t DROP CONSTRAINT IF EXISTS a", False),
        ("DROP INDEX IF EXISTS public.i", False),
        ("ALTER TABLE public.t ADD COLUMN IF NOT EXISTS a int", False),
    ],
)
def test_what_may_lose_rows_is_known(statement: str, loses: bool) -> None:
    assert loses_rows(statement) is loses
