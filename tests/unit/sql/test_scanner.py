"""Our small lexer against PostgreSQL's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgast import PgQueryError
from postgast import scan as real_scan
from postgast.pg_query_pb2 import C_COMMENT, SQL_COMMENT

from pipeline.sql.scanner import Token, endless, scan, semicolons, without_tail

# fmt: off
PARTS = [
    "select", "1", " ", "\n", "'", "''", "\\'", "e'", "E'", "U&'", "x'", '"', "$$", "$a$", " $1 ", "a$b", "--",
    "/*", "*/", ";", "(", ")", "é", "😀", "+", "ae", "\r", "\t", ",", "b",
]
# fmt: on
TEXTS = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)


def real_comments_and_ends(text: str) -> tuple[list[tuple[int, int]], list[int]] | None:
    """What PostgreSQL's lexer says, in characters; None where it rejects the text."""
    try:
        tokens = real_scan(text).tokens
    except PgQueryError:
        return None
    raw = text.encode()

    def characters(at: int) -> int:
        return len(raw[:at].decode())

    comments = [token for token in tokens if token.token in {SQL_COMMENT, C_COMMENT}]
    ends = [characters(token.end) for token in tokens if raw[token.start : token.end] == b";"]
    return [(characters(token.start), characters(token.end)) for token in comments], ends


@given(TEXTS)
def test_comments_and_semicolons_are_where_postgresql_sees_them(text: str) -> None:
    real = real_comments_and_ends(text)
    if real is None:
        return
    pieces = list(scan(text))
    comments = [(piece.start, piece.end) for piece in pieces if piece.token is Token.COMMENT]
    ends = [piece.end for piece in pieces if text[piece.start] == ";"]
    assert (comments, ends) == real
    assert list(semicolons(text)) == ends


@given(st.text(max_size=60))
def test_any_text_is_scanned_to_its_end(text: str) -> None:
    at = 0
    for piece in scan(text):
        assert at <= piece.start < piece.end <= len(text)
        at = piece.end
    assert not text[at:].strip(" \t\n\r\f\v")


def test_a_comment_behind_a_statement_is_left_off() -> None:
    assert without_tail("select '--' /* a */ -- b\n ") == "select '--'"


def test_the_parts_of_an_escape_string_on_later_lines_keep_its_backslashes() -> None:
    text = "select e'a'\n  'b\\'; still a string'; select 2"
    assert list(semicolons(text)) == [text.rindex("; select") + 1]


@pytest.mark.parametrize("run", ["+" * 4_000, "-+" * 2_000, "/*" * 2_000, "/*+" * 2_000])
def test_signs_that_would_keep_the_server_busy_for_hours_are_found(run: str) -> None:
    assert endless(f"select 1 {run} 1", 0, 9_000) == 9


@pytest.mark.parametrize("text", ["-- {}\n", "/* {} */", "'{}'", '"{}"', "$$ {} $$"])
def test_a_row_of_signs_for_people_is_harmless(text: str) -> None:
    assert endless("select 1; " + text.format("=*" * 2_000), 0, 9_000) is None
