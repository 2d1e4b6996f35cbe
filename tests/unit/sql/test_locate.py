"""Offsets into lines, columns and carets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sql.locate import Lines, Position, excerpt, position


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("", 0, (1, 1)),
        ("ab", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (2, 1)),
        ("é😀x", 2, (1, 3)),
        ("a\n", 99, (2, 1)),
    ],
)
def test_a_place_is_counted_from_one(text: str, offset: int, expected: tuple[int, int]) -> None:
    assert position(text, offset) == Position(*expected)


@given(st.text(alphabet="ab\n\r\té", max_size=40), st.integers(0, 40))
def test_the_line_of_a_place_holds_its_character(text: str, offset: int) -> None:
    if offset < len(text) and text[offset] not in "\n\r":
        place = Lines(text).position(offset)
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert lines[place.line - 1][place.column - 1] == text[offset]


@given(st.text(alphabet="a\n\r", max_size=20), st.lists(st.integers(0, 20)))
def test_places_may_be_asked_for_in_any_order(text: str, offsets: list[int]) -> None:
    lines, starts = Lines(text), [0, *(end.end() for end in re.finditer(r"\r\n?|\n", text))]
    for offset in (min(one, len(text)) for one in offsets):
        before = [start for start in starts if start <= offset]
        assert lines.position(offset) == (len(before), offset - before[-1] + 1)
    assert [lines.start(line) for line in range(1, len(starts) + 3)] == [*starts, starts[-1], starts[-1]]


@pytest.mark.parametrize(
    ("text", "offset", "shown"),
    [
        ("select\n  foo bar\nlast", 9, "  foo bar\n  ^"),
        ("\tselect x", 8, "\tselect x\n\t       ^"),
        ("日本 x", 3, "日本 x\n     ^"),
        ("e\u0301 x", 3, "e\u0301 x\n  ^"),
        ("a\r\nb c\r\nd", 5, "b c\n  ^"),
        ("end", 3, "end\n   ^"),
    ],
)
def test_the_caret_stands_below_the_character(text: str, offset: int, shown: str) -> None:
    assert excerpt(text, offset) == shown


def test_a_long_line_is_cut_around_the_place() -> None:
    line, caret = excerpt("a" * 500 + "X" + "b" * 500, 500).split("\n")
    assert line[len(caret) - 1] == "X"
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) == 102
