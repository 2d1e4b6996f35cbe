"""Flyway's info and validate, state by state."""

from dataclasses import dataclass, field

import pytest

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.model import LedgerRow, MigrationState
from tests.unit.formats.build import history, sources

FLYWAY = FORMATS["flyway"]
BODY = "select 1;\n"
SUM = checksum(BODY)


def row(
    version: str | None, name: str = "x", *, type_: str = "SQL", sum_: str | None = SUM, ok: bool = True
) -> LedgerRow:
    raw = {"type": type_, "installed_by": "ann", "installed_on": "2024-01-31 10:00:00"}
    return LedgerRow(version, name, f"V{version}__{name}.sql", sum_, ok, raw)


def repeatable(name: str, sum_: str | None = SUM) -> LedgerRow:
    return row(None, name, sum_=sum_)


@dataclass(frozen=True)
class Case:
    """Files and rows, and each line of the table that must come out: label, state, disposition, rule."""

    files: tuple[str, ...]
    rows: tuple[LedgerRow, ...]
    lines: tuple[str, ...]
    policy: str = "deny"
    target: str | None = None
    extra: dict[str, str] = field(default_factory=dict[str, str])


V12 = ("V1__x.sql", "V2__x.sql")
CASES = {
    "nothing is applied": Case(V12, (), ("1 Pending pending", "2 Pending pending")),
    "all is applied": Case(V12, (row("1"), row("2")), ("1 Success applied", "2 Success applied")),
    "the row says 1.0, the file 1": Case(("V1__x.sql",), (row("1.0"),), ("1 Success applied",)),
    "edited": Case(
        V12, (row("1", sum_="7"), row("2")), ("1 Success problem edited-after-apply", "2 Success applied")
    ),
    "no checksum in the row": Case(
        ("V1__x.sql",), (row("1", sum_=None),), ("1 Success problem edited-after-apply",)
    ),
    "renamed": Case(("V1__y.sql",), (row("1"),), ("1 Success problem renamed-after-apply",)),
    "another type": Case(
        ("V1__x.sql",), (row("1", type_="JDBC"),), ("1 Future problem file-absent", "1 Pending pending")
    ),
    "file removed": Case(
        ("V2__x.sql",), (row("1"), row("2")), ("1 Missing problem file-absent", "2 Success applied")
    ),
    "row of a newer release": Case(
        ("V1__x.sql",), (row("1"), row("9")), ("1 Success applied", "9 Future problem file-absent")
    ),
    "failed": Case(
        V12, (row("1"), row("2", ok=False)), ("1 Success applied", "2 Failed problem failed-migration")
    ),
    "failed and missing": Case(
        ("V2__x.sql",),
        (row("1", ok=False), row("2")),
        ("1 Failed (Missing) problem failed-migration", "2 Success applied"),
    ),
    "failed and newer": Case(
        ("V1__x.sql",),
        (row("1"), row("2", ok=False)),
        ("1 Success applied", "2 Failed (Future) problem failed-migration"),
    ),
    "added below the head, denied": Case(
        V12, (row("2"),), ("2 Success applied", "1 Ignored problem out-of-order")
    ),
    "added below the head, warned": Case(
        V12, (row("2"),), ("2 Success applied", "1 Pending pending out-of-order"), policy="warn"
    ),
    "added below the head, allowed": Case(
        V12, (row("2"),), ("2 Success applied", "1 Pending pending"), policy="allow"
    ),
    "applied out of order": Case(V12, (row("2"), row("1")), ("2 Success applied", "1 Out of Order applied")),
    "above the target": Case(
        (*V12, "V3__x.sql"),
        (row("1"),),
        ("1 Success applied", "2 Pending pending", "3 Above Target ignored"),
        target="2.0",
    ),
    "baseline": Case(
        (*V12, "V3__x.sql"),
        (row("2", "<< Flyway Baseline >>", type_="BASELINE", sum_=None),),
        ("1 Below Baseline ignored", "2 Ignored (Baseline) ignored", "2 Baseline applied", "3 Pending pending"),
    ),
    "schema created by Flyway": Case(
        ("V1__x.sql",),
        (row(None, "<< Flyway Schema Creation >>", type_="SCHEMA", sum_=None), row("1")),
        ("<< Flyway Schema Creation >> Success applied", "1 Success applied"),
    ),
    "deleted by repair, then restored": Case(
        ("V1__x.sql",),
        (row("1"), row("1", type_="DELETE")),
        ("1 Deleted ignored", "1 Pending pending"),
    ),
    "deleted, then applied again": Case(
        ("V1__x.sql",),
        (row("1"), row("1", type_="DELETE"), row("1")),
        ("1 Deleted ignored", "1 Success applied"),
    ),
    "undone by the paid edition": Case(
        ("V1__x.sql",),
        (row("1"), row("1", type_="UNDO_SQL")),
        ("1 Undone ignored", "1 Success ignored", "1 Pending pending"),
    ),
    "unknown type": Case(
        ("V1__x.sql",), (row("1", type_="sql"),), ("1 Unknown problem foreign-row", "1 Pending pending")
    ),
    "unreadable version": Case((), (row("one"),), ("one Unknown problem foreign-row",)),
    "repeatable unchanged": Case(("R__v.sql",), (repeatable("v"),), ("v Success applied",)),
    "repeatable changed": Case(
        ("R__v.sql",),
        (repeatable("v", "1"), repeatable("v", "2")),
        ("v Superseded ignored", "v Outdated ignored", "v Pending pending"),
    ),
    "repeatable run again": Case(
        ("R__v.sql",), (repeatable("v", "1"), repeatable("v")), ("v Superseded ignored", "v Success applied")
    ),
    "repeatable removed": Case((), (repeatable("v"),), ("v Missing problem file-absent",)),
    "a baseline migration on nothing": Case(
        (*V12, "B2__all.sql", "V3__x.sql"),
        (),
        ("1 Below Baseline ignored", "2 Ignored (Baseline) ignored", "B2 Pending pending", "3 Pending pending"),
    ),
    "a baseline migration that was applied": Case(
        ("V2__x.sql", "B2__x.sql"),
        (row("2", type_="SQL_BASELINE"),),
        ("2 Ignored (Baseline) ignored", "B2 Baseline applied"),
    ),
    "a baseline migration that came too late": Case(
        ("V1__x.sql", "B2__x.sql", "V3__x.sql"),
        (row("1"),),
        ("1 Success applied", "B2 Ignored ignored", "3 Pending pending"),
    ),
    "a baseline migration that failed": Case(
        ("B2__x.sql",), (row("2", type_="SQL_BASELINE", ok=False),), ("B2 Failed problem failed-migration",)
    ),
    "a baseline migration that was removed": Case(
        ("V3__x.sql",),
        (row("2", type_="SQL_BASELINE"), row("3")),
        ("2 Missing problem file-absent", "3 Success applied"),
    ),
    "deleted twice": Case(
        (),
        (row("1"), row("1", type_="DELETE"), row("1", type_="DELETE")),
        ("1 Deleted ignored", "1 Unknown problem foreign-row"),
    ),
    "a repeatable that was deleted": Case(
        ("R__v.sql",),
        (repeatable("v"), row(None, "v", type_="DELETE")),
        ("v Deleted ignored", "v Success ignored", "v Pending pending"),
    ),
    "repeatables come last": Case(("R__v.sql", "V1__x.sql"), (), ("1 Pending pending", "v Pending pending")),
}


def line(state: MigrationState) -> str:
    label = state.migration.label if state.migration else (state.row and (state.row.version or state.row.name))
    parts = [label, state.state, state.disposition.value, state.finding.rule if state.finding else None]
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_status_line_for_every_file_and_row(case: Case) -> None:
    release = FLYWAY.read(sources(dict.fromkeys(case.files, BODY)), {}).release
    states = FLYWAY.states(release, history(case.rows), out_of_order=case.policy, target=case.target)
    assert tuple(line(state) for state in states) == case.lines


def test_nothing_is_compared_at_or_below_the_baseline() -> None:
    release = FLYWAY.read(sources({"V1__x.sql": BODY}), {}).release
    rows = (row("1", sum_="7"), row("1", type_="BASELINE"))
    assert [
        state.disposition.value for state in FLYWAY.states(release, history(rows), out_of_order="deny")
    ] == [
        "applied",
        "applied",
    ]


def test_an_edit_names_both_checksums_who_and_when() -> None:
    release = FLYWAY.read(sources({"V1__x.sql": "select 2"}), {}).release
    (state,) = FLYWAY.states(release, history([row("1")]), out_of_order="deny")
    assert state.finding is not None
    for said in (SUM, checksum("select 2"), "ann", "2024-01-31"):
        assert said in state.finding.message
    assert state.finding.location is not None
    assert state.finding.location.file == "migrations/V1__x.sql"


def test_a_checksum_of_the_text_before_replacement_is_accepted_as_flyway_does() -> None:
    files = sources({"R__v.sql": "select ${n}"})
    release = FLYWAY.read(files, {"placeholders": {"n": "1"}}).release
    (state,) = FLYWAY.states(release, history([repeatable("v", checksum("select ${n}"))]), out_of_order="deny")
    assert state.state == "Success"


def test_a_description_that_the_ledger_had_to_shorten_is_the_same() -> None:
    name = "a" * 250
    release = FLYWAY.read(sources({f"V1__{name}.sql": BODY}), {}).release
    (state,) = FLYWAY.states(release, history([row("1", "a" * 197 + "...")]), out_of_order="deny")
    assert state.disposition.value == "applied"


@pytest.mark.parametrize("target", ["9", "next week"])
def test_a_target_that_exists_nowhere_is_refused(target: str) -> None:
    release = FLYWAY.read(sources({"V1__x.sql": BODY}), {}).release
    with pytest.raises(ConfigurationError, match=f"no migration {target}"):
        FLYWAY.states(release, history([]), out_of_order="deny", target=target)


@pytest.mark.parametrize(
    ("pattern", "file", "version", "word"),
    [
        ("*:missing", "V2__x.sql", "1", "Missing"),
        ("versioned:*", "V2__x.sql", "1", "Missing"),
        ("*:future", "V1__x.sql", "9", "Future"),
        ("*:ignored", "V1__x.sql", "9", "Future"),
    ],
)
def test_what_the_patterns_of_the_project_ignore_is_no_problem(
    pattern: str, file: str, version: str, word: str
) -> None:
    release = FLYWAY.read(sources({file: BODY}), {"ignoreMigrationPatterns": pattern}).release
    ledger = history([row(version)])
    states = FLYWAY.states(release, ledger, out_of_order="deny")
    found = {state.state: state.finding for state in states}
    assert (found[word] is None) is (pattern != "*:ignored")
