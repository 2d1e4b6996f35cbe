import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from pipeline.backups.manifest import Manifest, Rows, from_json, to_json
from pipeline.errors import Refused

MANIFEST = Manifest(
    schema_version=1,
    name="shop-prod-1",
    database="shop",
    system_identifier="7711177314392042778",
    server_version="18.6",
    pg_dump="18.6",
    taken_at=datetime(2026, 3, 1, 10, 2, 11, tzinfo=UTC),
    file="database.dump",
    bytes=3,
    sha256="sha256:aa",
    fingerprint="sha256:bb",
    tables={"public.orders": Rows(count=2, digest="17")},
    roles=("migrator", "postgres"),
)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert from_json(to_json(MANIFEST), where="x") == MANIFEST


def test_no_byte_of_a_manifest_can_change_unnoticed() -> None:
    text = to_json(MANIFEST).encode()
    for position, byte in enumerate(text):
        if chr(byte).isspace():
            continue
        changed = text[:position] + bytes([byte ^ 1]) + text[position + 1 :]
        with pytest.raises(Refused, match="cannot be trusted"):
            from_json(changed, where="x")


@pytest.mark.parametrize("cut", [0, 1, 40, 200, -2])
def test_a_manifest_that_was_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(Refused):
        from_json(to_json(MANIFEST)[:cut], where="x")


SHAPES = (
    (replace(MANIFEST, bytes="3"), "bytes: must be a whole number"),  # pyright: ignore[reportArgumentType]
    (replace(MANIFEST, bytes=True), "bytes: must be a whole number"),
    (replace(MANIFEST, schema_version=2), "its schema_version is 2, not 1"),
    (
        replace(MANIFEST, tables={"a": {"count": 1, "rows": 1}}),  # pyright: ignore[reportArgumentType]
        "tables.a.digest: is required; tables.a.rows: unknown key",
    ),
    (replace(MANIFEST, roles="migrator"), "roles: must be a list"),  # pyright: ignore[reportArgumentType]
    (
        replace(MANIFEST, taken_at=datetime(2026, 3, 1)),  # noqa: DTZ001  # nobody knows when that was
        "taken_at: must be a time with its zone",
    ),
)


@pytest.mark.parametrize(("other", "why"), SHAPES)
def test_a_manifest_of_another_shape_is_refused_though_it_is_sealed(other: Manifest, why: str) -> None:
    with pytest.raises(Refused) as caught:
        from_json(to_json(other), where="x")
    assert caught.value.why == why


@pytest.mark.parametrize(
    "text", ["[]", "null", "{}", '{"seal": "sha256:0"}', "[" * 100_000, b"{\xff}", '{"a": "\\ud800"}']
)
def test_what_is_no_manifest_is_refused(text: str | bytes) -> None:
    with pytest.raises(Refused):
        from_json(text, where="x")


def test_a_manifest_is_plain_json_and_holds_what_it_says_and_no_more() -> None:
    assert set(json.loads(to_json(MANIFEST))) == {field.name for field in fields(Manifest)} | {"seal"}
