"""Flyway's grammar of file names and versions, against what the real program said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats.flyway.naming import Misnamed, Name, Role, parse, version
from pipeline.formats.flyway.settings import Settings

DEFAULTS = Settings()

GOOD = {
    "V1__a.sql": (Role.VERSIONED, "1", "a"),
    "V22_1__add_users.sql": (Role.VERSIONED, "22.1", "add users"),
    "V022.03.0__x.sql": (Role.VERSIONED, "022.03.0", "x"),
    "V20.sql": (Role.VERSIONED, "20", ""),
    "V21__.sql": (Role.VERSIONED, "21", ""),
    "V23__a__b.sql": (Role.VERSIONED, "23", "a  b"),
    "V24__x.SQL": (Role.VERSIONED, "24", "x"),
    "V-5__x.sql": (Role.VERSIONED, "-5", "x"),
    "V+6.1__x.sql": (Role.VERSIONED, "+6.1", "x"),
    "V20240131093000__x.sql": (Role.VERSIONED, "20240131093000", "x"),
    "V12345678901234567890123456__x.sql": (Role.VERSIONED, "12345678901234567890123456", "x"),
    "U3__x.sql": (Role.UNDO, "3", "x"),
    "B3__x.sql": (Role.BASELINE, "3", "x"),
    "R__.sql": (Role.REPEATABLE, None, ""),
    "R__views.sql": (Role.REPEATABLE, None, "views"),
    "beforeMigrate.sql": (Role.CALLBACK, None, ""),
    "beforeEachMigrateStatement__b_x.sql": (Role.CALLBACK, None, "b x"),
    "afterMigrateError__x.sql": (Role.CALLBACK, None, "x"),
}

BAD = {
    "R1__x.sql": ("cannot have a version", True),
    "R_x.sql": ("cannot have a version", True),
    "v30__x.sql": ("case-sensitive", True),
    "V31a__x.sql": ("not a version", True),
    "V32_.sql": ("not a version", True),
    "V1..2__x.sql": ("not a version", True),
    "V__x.sql": ("not a version", True),
    "V001_create_users.sql": ("did you mean V001__create_users.sql", True),
    "Vlatest__x.sql": ("meaning of its own", True),
    "V9223372036854775807__x.sql": ("meaning of its own", True),
    "V1.-2__x.sql": ("not a version", True),
    f"V{'1' * 51}__x.sql": ("longer than 50", True),
    ".V18__x.sql": ("does not begin with", True),
    "1__x.sql": ("does not begin with", True),
    "foo.sql": ("does not begin with", False),
    "Views.sql": ("not a version", False),
    "Readme.sql": ("cannot have a version", False),
    "Uppercase.sql": ("not a version", False),
}


@pytest.mark.parametrize(("name", "expected"), GOOD.items())
def test_a_name_that_flyway_takes_is_taken_apart(name: str, expected: tuple[Role, str | None, str]) -> None:
    parsed = parse(name, DEFAULTS)
    assert isinstance(parsed, Name)
    assert (parsed.role, parsed.version.text if parsed.version else None, parsed.description) == expected


@pytest.mark.parametrize(("name", "expected"), BAD.items())
def test_a_name_that_flyway_passes_over_is_explained(name: str, expected: tuple[str, bool]) -> None:
    parsed = parse(name, DEFAULTS)
    assert isinstance(parsed, Misnamed)
    assert expected[0] in parsed.why
    assert parsed.intended is expected[1]


def test_a_name_without_the_suffix_is_no_migration() -> None:
    assert parse("README.md", DEFAULTS) is None


def test_prefixes_separator_and_suffixes_can_be_others() -> None:
    own = Settings(versioned_prefix="Ver", undo_prefix="V", separator="--", suffixes=(".pgsql", ".ddl"))
    longest = parse("Ver1--a_b.ddl", own)
    assert isinstance(longest, Name)
    assert (longest.role, longest.description) == (Role.VERSIONED, "a b")
    assert parse("Ver1--a_b.sql", own) is None


@pytest.mark.parametrize(
    "ascending", [("-5", "0", "0.1", "1", "1.0.1", "1.1", "1.2", "1.10", "2", "10", "20240101", "20240101.1")]
)
def test_versions_are_compared_part_by_part_as_numbers(ascending: tuple[str, ...]) -> None:
    versions = [version(text) for text in ascending]
    assert sorted(filter(None, versions)) == versions


@pytest.mark.parametrize("text", ["1.0", "01", "1.00.0", "1_0", "+1"])
def test_zeros_do_not_make_another_version(text: str) -> None:
    first, second = version("1"), version(text)
    assert first is not None
    assert second is not None
    assert first == second
    assert hash(first) == hash(second)
    assert first.canonical == second.canonical == "1"


@settings(max_examples=500)
@given(st.one_of(st.text(max_size=40), st.from_regex(r"[VURBvr]?[0-9._+-]{0,8}_{0,3}\w{0,8}\.(sql|SQL|sh|)")))
def test_no_name_crashes_the_grammar(name: str) -> None:
    parsed = parse(name, DEFAULTS)
    assert parsed is None or isinstance(parsed, Misnamed) or parsed.description.count("_") == 0


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.integers(0, 3))
def test_zeros_in_front_and_behind_change_nothing(parts: list[int], zeros: int) -> None:
    plain = version(".".join(map(str, parts)))
    padded = version("_".join(f"{'0' * zeros}{part}" for part in parts) + ".0" * zeros)
    assert plain == padded
