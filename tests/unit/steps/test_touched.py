"""Which differences touch a release; in doubt, all of them do."""

import pytest

from pipeline.schema.diff import diff
from pipeline.schema.model import ObjectKey, Properties, Snapshot
from pipeline.steps.rehearse import Rehearsal, Rehearsed
from pipeline.steps.touched import Touched, by_rehearsal, by_scripts, touching
from pipeline.steps.way_back import Verdict, WayBack
from tests.support.builders import measured, migration, prepared

BASE: dict[ObjectKey, Properties] = {
    ObjectKey("table", "public.orders"): {},
    ObjectKey("column", "public.orders.state"): {"type": "public.state"},
    ObjectKey("trigger", "public.orders.audit"): {"definition": "EXECUTE FUNCTION public.note()"},
    ObjectKey("table", 'public."Odd"'): {},
    ObjectKey("type", "public.state"): {},
    ObjectKey("function", "public.note()"): {"body": "select public.stamp()"},
    ObjectKey("function", "public.stamp()"): {"body": "select 1"},
    ObjectKey("function", "public.other()"): {"body": "select 1"},
}
EXPECTED = Snapshot(objects=BASE)


def touches(release: Touched, kind: str, name: str, **properties: str) -> bool:
    key = ObjectKey(kind, name)
    live = Snapshot(objects={**BASE, key: {**properties, "comment": "by hand"}})
    differences = diff(EXPECTED, live)
    assert differences
    return bool(touching(differences, release, expected=EXPECTED, live=live))


@pytest.mark.parametrize(
    "sql",
    [
        "alter table orders add x int",
        "alter table public.ORDERS add x int",
        'insert into "public"."orders" values (1)',
        "do $$begin execute 'drop table orders'; end$$",
    ],
)
def test_what_a_script_mentions_is_touched_with_its_parts(sql: str) -> None:
    release = by_scripts([prepared("1", sql)])
    assert touches(release, "column", "public.orders.hotfix")
    assert touches(release, "index", "public.by_hand", table="public.orders")
    assert touches(release, "sequence", "public.s", **{"owned by": "public.orders.id"})
    assert not touches(release, "table", "public.customers")
    assert not touches(release, "index", "public.by_hand", table="public.customers")


def test_what_a_touched_table_goes_by_is_touched() -> None:
    release = by_scripts([prepared("1", "update orders set state = 'new'")])
    for kind, name in [
        ("type", "public.state"),
        ("function", "public.note()"),
        ("function", "public.stamp()"),
    ]:
        assert touches(release, kind, name), name
    assert not touches(release, "function", "public.other()")


def test_case_counts_only_within_quotes() -> None:
    assert touches(by_scripts([prepared("1", 'drop table "Odd"')]), "table", 'public."Odd"')
    assert not touches(by_scripts([prepared("1", "drop table odd")]), "table", 'public."Odd"')


@pytest.mark.parametrize("kind", ["extension", "event trigger", "default privileges", "something new"])
def test_what_belongs_to_no_single_object_is_touched_by_everything(kind: str) -> None:
    assert touches(by_scripts([prepared("1", "select 1")]), kind, "anything")


def test_what_a_rehearsal_locked_or_changed_is_touched() -> None:
    end = Snapshot(objects={**BASE, ObjectKey("column", 'public."Odd".a'): {}})
    played = Rehearsed(migration("1", "select 1"), (measured(),), WayBack(Verdict.EXACT))
    release = by_rehearsal(Rehearsal(EXPECTED, end, (played,)))
    assert touches(release, "column", "public.orders.hotfix")
    assert touches(release, "trigger", 'public."Odd".by_hand')
    assert not touches(release, "table", "public.customers")
