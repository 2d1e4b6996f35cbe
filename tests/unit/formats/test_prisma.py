"""Prisma's folders and states."""

import hashlib

import pytest

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.collation import key
from pipeline.formats.model import History, LedgerRow, MigrationState
from pipeline.formats.prisma import slug
from tests.unit.formats.build import history, names, rules, sources

PRISMA = FORMATS["prisma"]
BODY = "select 1;\n"
SUM = "4a45092ccf992ea92250053a80b931b787924ba61648f420555511b84f10ab6c"
A, B, C = "20240101000000_a", "20240102000000_b", "20240103000000_c"
D = "20240104000000_d"


def row(
    name: str,
    *,
    sum_: str = SUM,
    finished: bool = True,
    rolled_back: bool = False,
    resolved: bool = False,
) -> LedgerRow:
    raw = {
        "finished_at": "2024-01-31" if finished else None,
        "rolled_back_at": "2024-02-01" if rolled_back else None,
        "id": f"id of {name}",
        "applied_steps_count": "0" if resolved else "1",
        "logs": "" if resolved else None,
    }
    return LedgerRow(name, name, name, sum_, finished and not rolled_back, raw)


def lines(
    files: dict[str, str], rows: list[LedgerRow], policy: str = "deny", target: str | None = None
) -> list[str]:
    release = PRISMA.read(sources(files), {}).release
    states = PRISMA.states(release, history(rows), out_of_order=policy, target=target)
    return [line(state) for state in states]


def line(state: MigrationState) -> str:
    folder = state.migration.label if state.migration else (state.row.name if state.row else "")
    rule = [state.finding.rule] if state.finding else []
    return " ".join([folder[15:], state.state, state.disposition.value, *rule])


def scripts(*folders: str) -> dict[str, str]:
    return {f"{folder}/migration.sql": BODY for folder in folders}


def test_each_folder_is_a_migration_with_the_sum_that_prisma_stores() -> None:
    reading = PRISMA.read(sources({**scripts(B, A), f"{A}/down.sql": "select 2"}), {})
    first, second = reading.release.migrations
    assert (first.label, first.name, first.script, first.checksum) == (A, "a", A, SUM)
    assert first.down is not None
    assert (second.label, second.down, reading.findings) == (B, None, ())


def test_folders_come_in_the_order_of_the_real_program() -> None:
    # fmt: off
    expected = [
        "_u", ".hidden", "0001-x", "1_c", "10_b", "2_a", "20240101_a", "20240101_b", "20240101_B", "a_x", "A_x",
        "é_x", "with space", "z",
    ]
    # fmt: on
    assert sorted(set(expected), key=key) == expected


@pytest.mark.parametrize(
    ("paths", "rule"),
    [
        ([f"{A}/"], ("no-script", "error")),
        ([f"{A}/down.sql"], ("no-script", "error")),
        ([f"{'a' * 256}/migration.sql"], ("file-name", "error")),
        (["20240101000000_é/migration.sql"], ("file-name", "warning")),
    ],
)
def test_a_folder_that_prisma_would_stumble_over_is_named(paths: list[str], rule: tuple[str, str]) -> None:
    assert rules(PRISMA.read(names(*paths), {}).findings) == [rule]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('# x\n# y\nprovider = "postgresql"\n', []),
        ('provider = "mysql"', [("provider", "error")]),
        ('provider="postgresql"', [("provider", "error")]),
        ("provider = 'postgresql'", [("provider", "error")]),
        ("", [("provider", "error")]),
    ],
)
def test_the_provider_is_read_as_literally_as_prisma_does(
    content: str, expected: list[tuple[str, str]]
) -> None:
    assert rules(PRISMA.read(sources({"migration_lock.toml": content}), {}).findings) == expected


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfselect 1", b"\xff", b"select 1\0"])
def test_a_script_that_would_reach_the_server_damaged_is_refused(content: bytes) -> None:
    assert rules(PRISMA.read(sources({f"{A}/migration.sql": content}), {}).findings) == [("text", "error")]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("x/", True),
        (".x/", True),
        ("x/y/", False),
        ("x/migration.sql", True),
        ("x/down.sql", True),
        ("x/README.md", False),
        ("migration.sql", False),
        ("migration_lock.toml", True),
    ],
)
def test_only_scripts_in_direct_folders_are_read(path: str, wanted: bool) -> None:
    assert PRISMA.wanted({})(path) is wanted


STATES: dict[str, tuple[list[LedgerRow], list[str]]] = {
    "nothing applied": ([], ["a Pending pending", "b Pending pending"]),
    "all applied": ([row(A), row(B)], ["a Applied applied", "b Applied applied"]),
    "failed": ([row(A, finished=False)], ["a Failed problem failed-migration", "b Pending pending"]),
    "rolled back": (
        [row(A, finished=False, rolled_back=True)],
        ["a Rolled Back ignored", "a Pending pending", "b Pending pending"],
    ),
    "finished and rolled back": (
        [row(A, rolled_back=True)],
        ["a Rolled Back ignored", "a Pending pending", "b Pending pending"],
    ),
    "retried": (
        [row(A, finished=False, rolled_back=True), row(A)],
        ["a Rolled Back ignored", "a Applied applied", "b Pending pending"],
    ),
    "edited": ([row(A, sum_="0" * 64)], ["a Edited problem edited-after-apply", "b Pending pending"]),
    "absent": ([row(A), row(C)], ["a Applied applied", "c Missing problem file-absent", "b Pending pending"]),
    "failed and absent": (
        [row(C, finished=False)],
        ["c Failed problem failed-migration", "a Pending pending", "b Pending pending"],
    ),
    "made one of two": (
        [row(C), row(D), row(A, resolved=True)],
        ["c Squashed ignored", "d Squashed ignored", "a Applied applied", "b Pending pending"],
    ),
    "absent since": (
        [row(A, resolved=True), row(C)],
        ["a Applied applied", "c Missing problem file-absent", "b Pending pending"],
    ),
    "merged late": ([row(B)], ["b Applied applied", "a Pending problem out-of-order"]),
}


@pytest.mark.parametrize(("rows", "expected"), STATES.values(), ids=STATES.keys())
def test_a_status_line_for_every_folder_and_row(rows: list[LedgerRow], expected: list[str]) -> None:
    assert lines(scripts(A, B), rows) == expected


def test_prisma_does_not_begin_beside_tables_that_it_did_not_make() -> None:
    release = PRISMA.read(sources(scripts(A, B)), {}).release
    there = History(exists=False, beside=("customers", "orders", "stock", "visits"))
    states = PRISMA.states(release, there, out_of_order="deny")
    assert [line(state) for state in states] == ["a Pending problem schema-not-empty", "b Pending pending"]
    assert states[0].finding is not None
    assert "customers, orders, stock and 1 more" in states[0].finding.message


REPAIRS: dict[str, tuple[list[LedgerRow], str | None, list[str]]] = {
    "nothing wrong": ([row(A), row(B)], None, []),
    "failed": ([row(A), row(B, finished=False)], None, [f"{B} counts as rolled back"]),
    "failed, and its folder gone": ([row(C, finished=False)], None, [f"{C} counts as rolled back"]),
    "failed twice": ([row(B, finished=False), row(B, finished=False)], None, [f"{B} counts as rolled back"]),
    "failed, but done": ([row(B, finished=False)], B, [f"{B} counts as applied"]),
    "one done, one not": (
        [row(A, finished=False), row(B, finished=False)],
        A,
        [f"{A} counts as applied", f"{B} counts as rolled back"],
    ),
    "never begun, but done": ([row(A)], B, [f"{B} counts as applied"]),
    "rolled back already": ([row(A, finished=False, rolled_back=True)], None, []),
    "edited": ([row(A, sum_="0" * 64)], None, [f"{A} counts with the checksum that its file has"]),
}


@pytest.mark.parametrize(("rows", "applied", "expected"), REPAIRS.values(), ids=REPAIRS.keys())
def test_a_repair_resolves_what_failed(rows: list[LedgerRow], applied: str | None, expected: list[str]) -> None:
    release = PRISMA.read(sources(scripts(A, B)), {}).release
    amendments = PRISMA.ledger("public", {}).repair(release, history(rows), applied=applied)
    assert [one.what for one in amendments] == expected
    assert all(one.commands for one in amendments)


@pytest.mark.parametrize("name", [A, C])
def test_what_is_applied_or_has_no_folder_cannot_be_resolved_as_applied(name: str) -> None:
    release = PRISMA.read(sources(scripts(A, B)), {}).release
    with pytest.raises(ConfigurationError, match=name):
        PRISMA.ledger("public", {}).repair(release, history([row(A, rolled_back=True)]), applied=name)


def test_a_late_folder_is_judged_by_the_policy() -> None:
    assert lines(scripts(A, B), [row(B)], "warn")[1] == "a Pending pending out-of-order"
    assert lines(scripts(A, B), [row(B)], "allow")[1] == "a Pending pending"


def test_folders_behind_the_target_stay_out() -> None:
    assert lines(scripts(A, B), [], target=A) == ["a Pending pending", "b Above Target ignored"]
    with pytest.raises(ConfigurationError, match="no migration nothing"):
        lines(scripts(A), [], target="nothing")


@pytest.mark.parametrize("content", [b"select 1;\r\nselect 2;\r\n", b"select 1;\nselect 2;\n"])
def test_line_ends_may_differ_from_what_was_applied(content: bytes) -> None:
    release = PRISMA.read(sources({f"{A}/migration.sql": content}), {}).release
    for applied in (b"select 1;\nselect 2;\n", b"select 1;\r\nselect 2;\r\n"):
        recorded = row(A, sum_=hashlib.sha256(applied).hexdigest())
        assert PRISMA.states(release, history([recorded]), out_of_order="deny")[0].state == "Applied"


def test_the_short_sums_of_early_prisma_are_known() -> None:
    short = "".join(f"{byte:x}" for byte in bytes.fromhex(SUM))
    assert len(short) < 64
    assert lines(scripts(A), [row(A, sum_=short)]) == ["a Applied applied"]


@pytest.mark.parametrize(
    ("folder", "expected"),
    [(A, "a"), ("20240101000000", "20240101000000"), ("init", "init"), ("0001_x", "0001_x")],
)
def test_a_name_is_shown_without_its_time_stamp(folder: str, expected: str) -> None:
    assert slug(folder) == expected


def test_options_are_refused_since_there_are_none() -> None:
    with pytest.raises(ConfigurationError, match="Prisma has no option table"):
        PRISMA.read([], {"table": "x"})
