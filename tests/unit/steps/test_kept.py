"""A shape that was kept comes back as it was, or not at all."""

from pathlib import Path

import pytest
from hypothesis import given

from pipeline.errors import Failed
from pipeline.schema.model import ObjectKey, Snapshot
from pipeline.steps import kept
from tests.unit.schema.snapshots import snapshots

SHAPE = Snapshot(
    objects={ObjectKey("table", "public.t"): {"owner": "a"}}, column_order={"public.t": ("a", "b")}
)
NOTE = kept.Note("head", "somebody", "2027-01-31T12:00:00Z")


@given(snapshots())
def test_it_comes_back_as_it_was(shape: Snapshot) -> None:
    assert kept.unpack(kept.pack(shape, NOTE)) == (shape, NOTE)


def test_not_one_byte_may_be_another() -> None:
    content = kept.pack(SHAPE, NOTE)
    for at in range(len(content)):
        assert kept.unpack(content[:at]) is None
        assert kept.unpack(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]) is None


@pytest.mark.parametrize("content", [b"", b"\n", b"x\ny\nz"])
def test_what_is_something_else_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "shape").write_bytes(content)
    assert kept.read(tmp_path / "shape") is None
    assert kept.read(tmp_path / "absent") is None


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Failed, match="cannot be kept"):
        kept.write(tmp_path / "file" / "shape", SHAPE, NOTE)
