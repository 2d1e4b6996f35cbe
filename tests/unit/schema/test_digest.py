"""A digest is the same for the same shape, and other for any other."""

from types import MappingProxyType

import pytest
from hypothesis import given

from pipeline.schema.diff import Change, diff
from pipeline.schema.digest import fingerprint, order_digest, settings_digest
from pipeline.schema.model import ObjectKey, Snapshot
from tests.unit.schema.snapshots import snapshots

TABLE = ObjectKey("table", "public.t")


@given(snapshots())
def test_the_order_of_insertion_does_not_show(snapshot: Snapshot) -> None:
    objects = {key: dict(reversed(list(of.items()))) for key, of in reversed(list(snapshot.objects.items()))}
    settings = dict(reversed(list(snapshot.settings.items())))
    other = Snapshot(objects=objects, column_order=snapshot.column_order, settings=settings)
    assert fingerprint(other) == fingerprint(snapshot)
    assert settings_digest(other) == settings_digest(snapshot)


@given(snapshots(), snapshots())
def test_fingerprints_differ_exactly_when_more_than_the_order_does(one: Snapshot, other: Snapshot) -> None:
    differences = [found for found in diff(one, other) if found.change is not Change.REORDERED]
    assert (fingerprint(one) != fingerprint(other)) is bool(differences)


@given(snapshots())
def test_the_order_of_columns_is_no_part_of_the_fingerprint(snapshot: Snapshot) -> None:
    bare = Snapshot(objects=snapshot.objects)
    assert fingerprint(bare) == fingerprint(snapshot)
    assert (order_digest(bare) == order_digest(snapshot)) is (not snapshot.column_order)


def test_a_property_without_a_value_counts_as_absent() -> None:
    assert fingerprint(Snapshot({TABLE: {"comment": None}})) == fingerprint(Snapshot({TABLE: {}}))


def test_an_empty_text_is_a_value() -> None:
    assert fingerprint(Snapshot({TABLE: {"comment": ""}})) != fingerprint(Snapshot({TABLE: {}}))


def test_what_moves_from_one_property_into_the_next_shows() -> None:
    one = Snapshot({TABLE: {"a": "x", "b": "yz"}})
    other = Snapshot({TABLE: {"a": "xy", "b": "z"}})
    assert fingerprint(one) != fingerprint(other)


def test_what_moves_from_one_object_into_the_next_shows() -> None:
    view = ObjectKey("view", "public.v")
    one = Snapshot({TABLE: {"a": "x", "b": "y"}, view: {}})
    other = Snapshot({TABLE: {"a": "x"}, view: {"b": "y"}})
    assert fingerprint(one) != fingerprint(other)


def test_a_text_that_no_server_gives_has_no_fingerprint() -> None:
    with pytest.raises(ValueError, match="NUL"):
        fingerprint(Snapshot({TABLE: {"a": "x\0b\0y"}}))


def test_any_mapping_will_do() -> None:
    frozen = Snapshot(MappingProxyType({TABLE: MappingProxyType({"a": "x"})}), MappingProxyType({}))
    assert fingerprint(frozen) == fingerprint(Snapshot({TABLE: {"a": "x"}}))
    assert order_digest(frozen) == order_digest(Snapshot({}))


def test_the_canonical_form_is_pinned() -> None:
    snapshot = Snapshot({TABLE: {"owner": "é"}}, {"public.t": ("a",)}, {"encoding": "UTF8"})
    assert fingerprint(snapshot) == "sha256:0fdc114afe6a08c267895c751ada9309c91765cd6ceadba3403a11b653d3b729"
    assert order_digest(snapshot) == "sha256:ed73221d41fb0e9b6039499642cbf7c41e8f403273b681a848fac3eef49af21d"
    assert (
        settings_digest(snapshot) == "sha256:8b4a86e139fa04decd3b1f5b196282a5aa129ee1cd8f73dad1c81993671a53ef"
    )
