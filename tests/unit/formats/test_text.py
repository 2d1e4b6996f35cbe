"""Bytes into text, strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.model import SourceFile
from pipeline.formats.text import PIECE, decode


def file(content: bytes) -> SourceFile:
    return SourceFile("V1.sql", "migrations/V1.sql", content)


@pytest.mark.parametrize(
    ("content", "said", "place"),
    [
        (b"select 1;\n  \0", "NUL", "2:3"),
        (b"\xc3\xa9\xff", "0xff is not UTF-8", "1:2"),
        ("select 1".encode("utf-16"), "UTF-16", "1:1"),
        (b"\xef\xbb\xbfselect 1", "byte-order mark", "1:1"),
        ("a\u202eb".encode(), "U+202E (right-to-left override)", "1:2"),
        ("a\n\u2066b".encode(), "U+2066", "2:1"),
        ("a\u200fb".encode(), "U+200F", "1:2"),
    ],
)
def test_what_is_not_plain_text_is_refused_at_its_place(content: bytes, said: str, place: str) -> None:
    decoded = decode(file(content))
    (finding,) = decoded.findings
    assert decoded.text is None
    assert finding.refuses
    assert said in finding.message
    assert str(finding.location) == f"migrations/V1.sql:{place}"


@pytest.mark.parametrize("character", ["\u200b", "\u2060", "\x07", "\ufeff"])
def test_other_invisible_characters_are_a_warning(character: str) -> None:
    decoded = decode(file(f"select{character} 1".encode()))
    assert decoded.text == f"select{character} 1"
    assert [finding.refuses for finding in decoded.findings] == [False]


@pytest.mark.parametrize("ahead", [PIECE - 1, PIECE, 3 * PIECE])
def test_a_large_text_is_looked_at_to_its_end(ahead: int) -> None:
    long = b"x" * ahead
    assert decode(file(long)) == (long.decode(), ())
    (warning,) = decode(file(long + b"\x07")).findings
    assert str(warning.location) == f"migrations/V1.sql:1:{ahead + 1}"
    assert decode(file(long + b"\0")).text is None


def test_a_byte_order_mark_stays_where_the_format_knows_it() -> None:
    assert decode(file(b"\xef\xbb\xbfselect 1"), bom=True).text == "\ufeffselect 1"


def test_ordinary_text_is_left_as_it_is() -> None:
    text = "select 'é😀 עברית';\r\n\t\x0c-- 日本\n"
    assert decode(file(text.encode())) == decode(file(text.encode()))
    assert decode(file(text.encode())).text == text
    assert decode(file(text.encode())).findings == ()


@given(st.binary(max_size=40))
def test_any_bytes_are_either_text_or_refused(content: bytes) -> None:
    decoded = decode(file(content))
    assert (decoded.text is None) == any(finding.refuses for finding in decoded.findings)
    assert decoded.text is None or decoded.text.encode() == content
