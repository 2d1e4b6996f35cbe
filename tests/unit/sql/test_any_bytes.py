"""Any bytes at all: refused at a place with a reason, or statements without a NUL in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats.model import SourceFile
from pipeline.formats.text import decode
from tests.support.torture import at_depth
from tests.unit.sql.test_split import accepted

pytestmark = [pytest.mark.acceptance("AT-19"), pytest.mark.timeout(600)]

PIECES = st.one_of(
    st.sampled_from(
        [
            *(b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
            *("\u202e".encode(), "\u2066".encode(), "\u200f".encode(), "\u200b".encode(), "\ufeff".encode()),
            *(b"\xc0\x80", b"\x1b[31m", "select 1;".encode("utf-16-le"), "é".encode("latin-1")),
            *(b"select 1;", b"select '", b"'", b"$$", b"--", b"/*", b"*/", b"\r\n", b"\n", b";", b" ", b"\\."),
        ]
    ),
    st.binary(max_size=6),
)


@settings(max_examples=at_depth(100, 5_000), deadline=None)
@given(st.lists(PIECES, max_size=8).map(b"".join), st.booleans())
def test_any_bytes_are_refused_at_a_place_or_become_statements_without_a_nul(
    content: bytes, bom: object
) -> None:
    decoded = decode(SourceFile("V1.sql", "migrations/V1.sql", content), bom=bool(bom))
    if decoded.text is None:
        assert all(one.message and one.location and one.hint for one in decoded.findings)
        assert any(one.refuses for one in decoded.findings)
        return
    assert not any("\0" in one.text for one in accepted(decoded.text))
