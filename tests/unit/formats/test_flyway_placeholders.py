"""Placeholders with Flyway's own reading of them."""

from datetime import UTC, datetime

import pytest

from pipeline.formats.flyway.placeholders import replace
from pipeline.formats.flyway.settings import Settings
from pipeline.formats.model import Surroundings

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
        ("${flyway:who}", 0, "no value is given for ${flyway:who}"),
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


PLACE = Surroundings(
    schema="crm",
    folder="/srv/shop",
    at=datetime(2024, 1, 31, 9, 30, tzinfo=UTC),
    connection=lambda: {"user": "ann", "dbname": "shop"},
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("user", "ann"),
        ("database", "shop"),
        ("timestamp", "2024-01-31 09:30:00"),
        ("workingDirectory", "/srv/shop"),
        ("defaultSchema", "crm"),
        ("environment", "default"),
        ("FILENAME", "f"),
    ],
)
def test_flyways_own_placeholders_tell_of_the_place_whatever_the_project_says(name: str, value: str) -> None:
    settings = Settings(placeholders={f"flyway:{name}".lower(): "mine"})
    assert replace(f"${{flyway:{name}}}", "f", settings, PLACE).text == value


def test_where_no_database_is_meant_a_word_stands_for_its_name() -> None:
    assert replace("${flyway:user} ${flyway:database}", "f", Settings()).text == "flyway_user flyway_database"


def test_the_separator_of_flyways_own_placeholders_can_be_chosen() -> None:
    assert replace("${flyway_user}", "f", Settings(placeholder_separator="_"), PLACE).text == "ann"


def test_nobody_asks_for_the_connection_whom_no_script_asks() -> None:
    def never() -> dict[str, str]:
        raise AssertionError

    assert replace("${flyway:table}", "f", Settings(), Surroundings(connection=never)).problems == ()
