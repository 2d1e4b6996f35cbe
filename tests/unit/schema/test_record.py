"""What is kept of a snapshot is all of it, and what older versions kept can still be read."""

import json
import zlib

from hypothesis import given

from pipeline.schema.diff import diff
from pipeline.schema.model import ObjectKey, Snapshot
from pipeline.schema.record import VERSION, from_bytes, to_bytes
from tests.unit.schema.snapshots import snapshots

TABLE = ObjectKey("table", "public.t")
HERE = Snapshot(
    {TABLE: {"owner": "me"}}, {"public.t": ("a",)}, {"TimeZone": "UTC"}, "1/5", {TABLE: "pg_class/9"}
)


def read(content: bytes) -> Snapshot:
    found = from_bytes(content)
    assert found is not None
    return found


def kept(version: int, *table: object) -> bytes:
    record = {
        "version": version,
        "objects": [["table", "public.t", {"owner": "me"}, *table]],
        "column_order": {"public.t": ["a"]},
        "settings": {"TimeZone": "UTC"},
    }
    return zlib.compress(json.dumps(record).encode())


@given(snapshots())
def test_what_was_kept_comes_back_whole(snapshot: Snapshot) -> None:
    found = read(to_bytes(snapshot))
    assert found == snapshot
    assert found.origin == snapshot.origin
    assert found.identities == snapshot.identities
    assert diff(snapshot, found) == ()


def test_the_columns_of_what_was_kept_come_back_with_their_places() -> None:
    column, lone = ObjectKey("column", "public.t.a"), ObjectKey("column", "public.u.a")
    identities = {TABLE: "pg_class/9", column: "pg_class/9/1", lone: "pg_class/8/1"}
    found = read(to_bytes(Snapshot({TABLE: {}, column: {}, lone: {}}, origin="1/5", identities=identities)))
    assert found.identities == identities


def test_what_the_first_version_kept_is_read_without_identities() -> None:
    found = read(kept(1))
    assert found == HERE
    assert (found.origin, found.identities) == ("", {})


def test_what_a_newer_version_kept_is_not_guessed_at() -> None:
    assert from_bytes(kept(VERSION + 1, None, "more")) is None


def test_a_rename_is_told_across_what_was_kept() -> None:
    other = ObjectKey("table", "public.u")
    now = Snapshot({other: {"owner": "me"}}, {"public.u": ("a",)}, {}, "1/5", {other: "pg_class/9"})
    before = read(to_bytes(HERE))
    assert [(one.change, one.before) for one in diff(before, now)] == [("renamed", "public.t")]
