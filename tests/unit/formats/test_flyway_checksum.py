"""Flyway's checksum and lock key, against numbers that the real program computed."""

import json
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.flyway.ledger import FlywayLedger
from pipeline.formats.text import PIECE

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text())

TEXTS = st.text(alphabet="ab é😀\x0b\x0c\x85\u2028'", max_size=20)


@pytest.mark.parametrize("vector", VECTORS["flyway_checksum"])
def test_the_checksum_is_the_one_that_flyway_stored(vector: dict[str, str | int]) -> None:
    assert checksum(bytes.fromhex(str(vector["bytes_hex"])).decode()) == str(vector["checksum"])


@pytest.mark.parametrize("vector", VECTORS["flyway_lock"])
def test_the_lock_key_is_the_one_that_flyway_takes(vector: dict[str, str | int]) -> None:
    ledger = FlywayLedger((str(vector["schema"]), str(vector["table"])))
    assert ledger.lock_key("any") == vector["lock"]


@given(st.lists(TEXTS, max_size=6), st.sampled_from(["\n", "\r\n", "\r", "\n\n", ""]))
def test_line_ends_and_a_byte_order_mark_do_not_count(lines: list[str], end: str) -> None:
    plain = checksum("\n".join(lines))
    assert checksum(end.join(lines)) == plain
    assert checksum("\ufeff" + end.join(lines) + end) == plain


@given(TEXTS, TEXTS)
def test_every_other_character_counts(before: str, after: str) -> None:
    assert checksum(f"{before} {after}") != checksum(f"{before}{after}")


@pytest.mark.parametrize("ahead", range(PIECE - 4, PIECE + 3))
def test_a_large_text_counts_as_one_wherever_it_is_parted(ahead: int) -> None:
    long = "\ufeff" + "x" * ahead + "é😀\r\n" + "y" * PIECE + "\n"
    signed = int.from_bytes(
        zlib.crc32(("x" * ahead + "é😀" + "y" * PIECE).encode()).to_bytes(4, "big"), "big", signed=True
    )
    assert checksum(long) == str(signed)
