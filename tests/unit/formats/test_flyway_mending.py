"""Flyway's baseline and repair as data: what is written, what is refused, what is left alone."""

import pytest

from pipeline.errors import ConfigurationError, Refused
from pipeline.formats import FORMATS
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.model import LedgerRow
from tests.unit.formats.build import history, sources

FLYWAY = FORMATS["flyway"]
LEDGER = FLYWAY.ledger("app", {})
BODY = "select 1;\n"
SUM = checksum(BODY)
RELEASE = FLYWAY.read(sources({"V1__x.sql": BODY, "V2__x.sql": BODY, "R__v.sql": "select ${a};"}), {
    "placeholders": {"a": 1}
}).release  # fmt: skip


def row(
    version: str | None, name: str = "x", *, type_: str = "SQL", sum_: str | None = SUM, ok: bool = True
) -> LedgerRow:
    return LedgerRow(version, name, f"V{version}__{name}.sql", sum_, ok, {"type": type_, "installed_rank": "3"})


def repaired(*rows: LedgerRow, **options: object) -> list[str]:
    amendments = FLYWAY.ledger("app", options).repair(RELEASE, history(rows))
    return [amendment.what for amendment in amendments]


def test_a_baseline_is_one_row() -> None:
    (command,) = LEDGER.baseline(RELEASE, history(()), "1_2")
    words = "<< Flyway Baseline >>"
    assert command.values == ("1.2", words, "BASELINE", words, None, None, 0, True)


def test_the_words_of_a_baseline_can_be_chosen() -> None:
    ledger = FLYWAY.ledger("app", {"baselineDescription": "as it was"})
    assert "as it was" in ledger.baseline(RELEASE, history(()), "1")[0].values
    assert "now" in ledger.baseline(RELEASE, history(()), "1", "now")[0].values


def test_the_same_baseline_again_is_nothing() -> None:
    there = row("1.0", "<< Flyway Baseline >>", type_="BASELINE")
    assert LEDGER.baseline(RELEASE, history([there]), "1") == ()


@pytest.mark.parametrize(
    ("rows", "version"),
    [
        ([row("1")], "1"),
        ([row("1", "<< Flyway Baseline >>", type_="BASELINE")], "2"),
        ([row(None, "<< Flyway Schema Creation >>", type_="SCHEMA")], "0"),
    ],
)
def test_a_baseline_over_something_else_is_refused(rows: list[LedgerRow], version: str) -> None:
    with pytest.raises(Refused, match="the ledger has rows already"):
        LEDGER.baseline(RELEASE, history(rows), version)


def test_a_baseline_needs_a_version() -> None:
    with pytest.raises(ConfigurationError, match="no version to Flyway"):
        LEDGER.baseline(RELEASE, history(()), "one")


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([row("1"), row("2")], []),
        ([row("1"), row("2", ok=False)], ["the failed row of 2 goes"]),
        ([row("1", sum_="7")], ["description and checksum of 1 become those of its file"]),
        ([row("1", "y")], ["description and checksum of 1 become those of its file"]),
        ([row("1"), row("1.5"), row("2")], ["1.5 is marked as deleted: its file is gone"]),
        ([row("1"), row("9")], []),
        ([row(None, "gone")], ["gone is marked as deleted: its file is gone"]),
        (
            [row(None, "v", sum_=checksum("select ${a};"))],
            ["description and checksum of v become those of its file"],
        ),
        ([row(None, "v", sum_="5")], []),
        (
            [row("1", sum_="7"), row("1", type_="DELETE")],
            ["description and checksum of 1 become those of its file"],
        ),
        ([row("1", type_="BASELINE", sum_=None)], []),
    ],
)
def test_repair_changes_what_flyway_would_change(rows: list[LedgerRow], what: list[str]) -> None:
    assert repaired(*rows) == what


def test_the_future_is_spared_unless_other_patterns_are_set() -> None:
    assert repaired(row("9"), ignoreMigrationPatterns="*:pending") == [
        "9 is marked as deleted: its file is gone"
    ]
    assert repaired(row("1.5"), row("2"), ignoreMigrationPatterns="versioned:missing") == []


def test_repair_cannot_say_that_a_failed_migration_is_complete() -> None:
    with pytest.raises(ConfigurationError, match="cannot say"):
        LEDGER.repair(RELEASE, history([row("2", ok=False)]), applied="2")


def test_an_undo_takes_the_row_or_adds_one_as_the_option_says() -> None:
    made = FLYWAY.read(sources({"V1__x.sql": BODY, "U1__back.sql": BODY}), {}).release.migrations[0]
    words = {
        option: [command.text.split()[0] for command in FLYWAY.ledger("app", options).undone(made, None)]
        for option, options in {"unsaid": {}, "yes": {"undoRows": True}, "no": {"undoRows": False}}.items()
    }
    assert words == {"unsaid": ["DELETE", "INSERT"], "yes": ["INSERT"], "no": ["DELETE"]}


def test_a_script_that_names_the_ledger_keeps_its_rank() -> None:
    text = "delete from flyway_schema_history;\n"
    plain, naming = FLYWAY.read(sources({"V1__x.sql": BODY, "V2__y.sql": text}), {}).release.migrations
    assert LEDGER.started(plain) == ()
    (command,) = LEDGER.started(naming)
    assert "pg_advisory_xact_lock_shared" in command.text
