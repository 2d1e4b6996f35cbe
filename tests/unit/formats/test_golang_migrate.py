"""golang-migrate's files and states."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.model import LedgerRow, MigrationState, Noted
from tests.unit.formats.build import history, names, rules, sources

MIGRATE = FORMATS["golang-migrate"]


def row(version: str, *, dirty: bool = False) -> LedgerRow:
    return LedgerRow(version, "", "", None, not dirty, {"version": version, "dirty": str(dirty).lower()})


def line(state: MigrationState) -> str:
    label = state.migration.label if state.migration else "-"
    rule = state.finding.rule if state.finding else ""
    return f"{label} {state.state} {state.disposition.value} {rule}".rstrip()


@pytest.mark.parametrize(
    ("name", "version", "title"),
    [
        ("1_a.up.sql", "1", "a"),
        ("02_x.y.up.sql", "2", "x.y"),
        ("3__z.up.sql", "3", "_z"),
        ("4_.up.sql", "4", ""),
        ("7_q.up.pgsql", "7", "q"),
        ("12_with space.up.sql", "12", "with space"),
        ("0_zero.up.sql", "0", "zero"),
        ("20240131093000_x.up.sql", "20240131093000", "x"),
        ("9223372036854775807_x.up.sql", "9223372036854775807", "x"),
    ],
)
def test_a_name_that_golang_migrate_takes_is_taken_apart(name: str, version: str, title: str) -> None:
    reading = MIGRATE.read(names(name), {})
    (migration,) = reading.release.migrations
    assert (migration.version, migration.name, migration.script) == (version, title, name)
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("paths", "rule"),
    [
        (["5.up.sql"], ("file-name", "warning")),
        (["6_q.UP.sql"], ("file-name", "warning")),
        (["8_q.up"], ("file-name", "warning")),
        (["9-q.up.sql"], ("file-name", "warning")),
        (["seed.sql"], ("file-name", "warning")),
        (["9223372036854775808_x.up.sql"], ("file-name", "error")),
        (["18446744073709551616_x.up.sql"], ("file-name", "warning")),
        ([f"{'9' * 5000}_x.up.sql"], ("file-name", "warning")),
        (["1_a.up.sql", "1_b.up.sql"], ("duplicate", "error")),
        (["1_a.up.sql", "001_a.up.txt"], ("duplicate", "error")),
        (["10_a.up.down.sql"], ("no-script", "warning")),
        (["11_x.up.sql.bak"], ("file-name", "warning")),
    ],
)
def test_what_golang_migrate_passes_over_or_stumbles_over_is_named(
    paths: list[str], rule: tuple[str, str]
) -> None:
    assert rules(MIGRATE.read(names(*paths), {}).findings) == [rule]


def test_migrations_come_by_number_with_their_down_scripts() -> None:
    reading = MIGRATE.read(names("10_b.up.sql", "9_a.up.sql", "9_other.down.sql"), {})
    assert [(migration.label, migration.down is not None) for migration in reading.release.migrations] == [
        ("9", True),
        ("10", False),
    ]


def test_a_declaration_in_the_up_script_is_read() -> None:
    text = '-- pipeline: irreversible reason="gone"\ndrop table t'
    assert MIGRATE.read(sources({"1_a.up.sql": text}), {}).release.migrations[0].irreversible == "gone"


@pytest.mark.parametrize("asked", [True, False])
def test_statements_run_apart_where_the_option_says_so(asked: bool) -> None:
    reading = MIGRATE.read(names("1_a.up.sql", "1_a.down.sql"), {"x-multi-statement": asked})
    (migration,) = reading.release.migrations
    assert migration.down is not None
    assert (migration.up.separate, migration.down.separate) == (asked, asked)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("select 1;\nselect 2;", None),
        ("select 1;\nselect 'a;b';", 2),
        ("do $$\nbegin\n  null; end $$;", 3),
        ("-- first; then\nselect 1;", 1),
    ],
)
def test_a_semicolon_that_the_real_tool_would_cut_at_is_pointed_out(text: str, line: int | None) -> None:
    findings = MIGRATE.read(sources({"1_a.up.sql": text}), {"x-multi-statement": True}).findings
    places = [finding.location.line for finding in findings if finding.location is not None]
    assert places == ([] if line is None else [line])
    assert rules(findings) == ([] if line is None else [("cut-inside", "warning")])
    assert MIGRATE.read(sources({"1_a.up.sql": text}), {}).findings == ()


def test_a_byte_order_mark_is_refused_before_the_server_stumbles_over_it() -> None:
    assert rules(MIGRATE.read(sources({"1_a.up.sql": "\ufeffselect 1"}), {}).findings) == [("text", "error")]


STATES: dict[str, tuple[list[LedgerRow], list[str]]] = {
    "no row": ([], ["1 Pending pending", "2 Pending pending", "3 Pending pending"]),
    "in the middle": ([row("2")], ["1 Applied applied", "2 Applied applied", "3 Pending pending"]),
    "dirty": (
        [row("2", dirty=True)],
        ["1 Applied applied", "2 Dirty problem failed-migration", "3 Pending pending"],
    ),
    "unknown head": (
        [row("9")],
        ["1 Applied applied", "2 Applied applied", "3 Applied applied", "- Missing problem file-absent"],
    ),
    "dirty at nothing": (
        [row("-1", dirty=True)],
        ["- Dirty problem failed-migration", "1 Pending pending", "2 Pending pending", "3 Pending pending"],
    ),
    "two rows": (
        [row("1"), row("2")],
        ["- Unknown problem foreign-row", "1 Applied applied", "2 Pending pending", "3 Pending pending"],
    ),
}


@pytest.mark.parametrize(("rows", "expected"), STATES.values(), ids=STATES.keys())
def test_states_follow_from_the_head(rows: list[LedgerRow], expected: list[str]) -> None:
    release = MIGRATE.read(names("1_a.up.sql", "2_b.up.sql", "3_c.up.sql"), {}).release
    states = MIGRATE.states(release, history(rows), out_of_order="deny")
    assert [line(state) for state in states] == expected


NOTED = {"1": "a", "2": "b", "3": "c"}
REMEMBERED: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "all as it was": (NOTED, "deny", ["1 Applied applied", "2 Applied applied", "3 Applied applied"]),
    "changed since": (
        {**NOTED, "2": "another"},
        "deny",
        ["1 Applied applied", "2 Edited problem edited-after-apply", "3 Applied applied"],
    ),
    "the head itself changed": (
        {**NOTED, "3": "another"},
        "allow",
        ["1 Applied applied", "2 Applied applied", "3 Edited problem edited-after-apply"],
    ),
    "not there when the head went by": (
        {"1": "a", "3": "c"},
        "deny",
        ["1 Applied applied", "2 Skipped problem out-of-order", "3 Applied applied"],
    ),
    "skipped, and nobody minds": (
        {"3": "c"},
        "warn",
        ["1 Skipped ignored out-of-order", "2 Skipped ignored out-of-order", "3 Applied applied"],
    ),
    "applied by somebody else since": (
        {"1": "a"},
        "deny",
        ["1 Applied applied", "2 Applied applied", "3 Applied applied"],
    ),
    "a file gone": (
        {"0": "z", **NOTED},
        "deny",
        ["- Missing problem file-absent", "1 Applied applied", "2 Applied applied", "3 Applied applied"],
    ),
    "what the head went back from does not count": (
        {**NOTED, "4": "d", "7": "e"},
        "deny",
        ["1 Applied applied", "2 Applied applied", "3 Applied applied", "4 Pending pending"],
    ),
}


@pytest.mark.parametrize(("noted", "policy", "expected"), REMEMBERED.values(), ids=REMEMBERED.keys())
def test_our_own_memory_shows_what_the_head_cannot(
    noted: dict[str, str], policy: str, expected: list[str]
) -> None:
    files = {"1_a.up.sql": "a", "2_b.up.sql": "b", "3_c.up.sql": "c"}
    files |= {"4_d.up.sql": "d"} if "4" in noted else {}
    memory = {label: Noted("x", sha256(text.encode()).hexdigest()) for label, text in noted.items()}
    known = history([row("3")])._replace(noted=memory)
    states = MIGRATE.states(MIGRATE.read(sources(files), {}).release, known, out_of_order=policy)
    assert [line(state) for state in states] == expected


def test_a_version_with_a_down_script_alone_is_an_empty_step() -> None:
    (migration,) = MIGRATE.read(sources({"5_x.down.sql": "drop table x"}), {}).release.migrations
    assert (migration.label, migration.script, migration.up.sql) == ("5", "5_x.up.sql", "")
    assert migration.up.file.shown == "migrations/5_x.up.sql"
    assert migration.down is not None


def test_the_row_stands_with_the_migration_it_names() -> None:
    release = MIGRATE.read(names("1_a.up.sql", "2_b.up.sql"), {}).release
    states = MIGRATE.states(release, history([row("2")]), out_of_order="deny")
    assert [state.row is not None for state in states] == [False, True]


def test_migrations_behind_the_target_stay_out() -> None:
    release = MIGRATE.read(names("1_a.up.sql", "2_b.up.sql"), {}).release
    states = MIGRATE.states(release, history([]), out_of_order="deny", target="1")
    assert [state.state for state in states] == ["Pending", "Above Target"]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("x-multi-statement-max-size", "not split at semicolons"),
        ("x-lock-table", "not built yet"),
        ("x-migration-table", "did you mean"),
    ],
)
def test_an_option_that_does_not_work_is_refused(option: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        MIGRATE.read([], {option: True})


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9]{0,22}[_-]?\w{0,5}\.?(up|down|UP)?\.?(sql)?")))
def test_no_name_crashes_the_grammar(name: str) -> None:
    reading = MIGRATE.read(names(name), {})
    assert len(reading.release.migrations) + len(reading.findings) >= 1
