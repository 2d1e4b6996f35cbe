"""Placeholders with Flyway's own reading of them."""

import pytest

from pipeline.formats.flyway.placeholders import replace
from pipeline.formats.flyway.settings import Settings

SETTINGS = Settings(placeholders={"name": "orders", "again": "${name}", "empty": ""}, default_schema="app")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from ${name}", "select * from orders"),
        ("${NAME} -- ${Name}", "orders -- orders"),
        ("'${name}' $$ ${name} $$", "'orders' $$ orders $$"),
        ("${again}", "${name}"),
        ("[${empty}]", "[]"),
        ("$${name}", "$${name}"),
        ("$$${name}", "$$orders"),
        ("$1 $a$ $", "$1 $a$ $"),
        ("${flyway:filename} ${flyway:table} ${flyway:defaultSchema}", "V1__a.sql flyway_schema_history app"),
    ],
)
def test_placeholders_are_replaced_everywhere(text: str, expected: str) -> None:
    replaced = replace(text, "V1__a.sql", SETTINGS)
    assert (replaced.text, replaced.problems) == (expected, ())


@pytest.mark.parametrize(
    ("text", "offset", "said"),
    [
        ("a -- ${nobody}", 5, "no value is given for ${nobody}"),
        ("a ${open", 2, "not closed"),
        ("${flyway:user}", 0, "not built yet"),
        ("${flyway:timestamp}", 0, "not built yet"),
    ],
)
def test_a_placeholder_without_a_value_is_a_problem(text: str, offset: int, said: str) -> None:
    ((where, why),) = replace(text, "f", SETTINGS).problems
    assert where == offset
    assert said in why


def test_other_prefixes_and_suffixes_can_be_chosen() -> None:
    own = Settings(placeholders={"a": "1"}, placeholder_prefix="#[[", placeholder_suffix="]]")
    assert replace("#[[a]] #[a] ${a} ##[[a]]", "f", own).text == "1 #[a] ${a} ##[[a]]"


def test_replacement_can_be_turned_off() -> None:
    assert replace("${x}", "f", Settings(replace=False)).text == "${x}"
