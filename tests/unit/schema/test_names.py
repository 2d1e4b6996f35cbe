"""A qualified name is split where SQL would split it."""

import pytest

from pipeline.schema.names import last_part, split_name, split_schema


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("public.t", ("public", "t")),
        ("public.t.a", ("public.t", "a")),
        ('public.t."a.b"', ("public.t", '"a.b"')),
        ('public."a.b".c', ('public."a.b"', "c")),
        ('a."b ""q"".c"."d.e"', ('a."b ""q"".c"', '"d.e"')),
        ('a."x\ny"', ("a", '"x\ny"')),
    ],
)
def test_a_dot_within_quotes_is_part_of_a_name(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_a_name_without_a_dot_has_no_parts() -> None:
    with pytest.raises(ValueError, match="not a qualified name: t"):
        split_name("t")


def test_the_last_part_of_a_name_without_a_dot_is_all_of_it() -> None:
    assert [last_part(name) for name in ("t", "public.t", 'public.t."a.b"')] == ["t", "t", '"a.b"']


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("public.f(sales.state)", ("public", "f(sales.state)")),
        ('"a.b".+(c.d, c.d)', ('"a.b"', "+(c.d, c.d)")),
        ('"a.b"', None),
        ("(a.b AS c)", None),
        ("app in schema s on tables", None),
    ],
)
def test_a_schema_stands_before_the_first_dot(name: str, parts: tuple[str, str] | None) -> None:
    assert split_schema(name) == parts
