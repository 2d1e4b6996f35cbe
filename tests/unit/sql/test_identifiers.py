"""Names as SQL writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sql.identifiers import parse, quote, shown


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=3))
def test_quoted_names_are_read_back(parts: list[str]) -> None:
    assert parse(".".join(map(quote, parts))) == tuple(parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Public.T", ("public", "t")),
        ('a."B.c"', ("a", "B.c")),
        ("a.", None),
        ("", None),
        ("a b", None),
        ('"', None),
    ],
)
def test_a_name_is_read_as_sql_reads_it(text: str, parts: tuple[str, ...] | None) -> None:
    assert parse(text) == parts


def test_people_see_quotes_only_where_they_are_needed() -> None:
    assert shown(None, "orders") == "orders"
    assert shown("public", "Or ders") == 'public."Or ders"'
