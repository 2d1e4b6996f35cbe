"""Every rule: what turns it red, and the like that does not."""

import pytest

from pipeline.findings import Finding, Severity
from pipeline.sql.lint import lint
from pipeline.sql.rules.table import RULES
from pipeline.sql.subject import Direction, Subject

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE
TABLE = "create table t (a int);"

RED = [
    (
        "mixed-transaction",
        E,
        "create table n ();\ncreate index concurrently i on n (a)",
        (2, 1),
        "migration of its own",
    ),
    ("several-concurrent", E, "vacuum a;\nvacuum b", (2, 1), "of its own"),
    ("unknown-outcome", E, "alter system set a = 1", (1, 1), "by hand"),
    ("unknown-outcome", E, "create index concurrently on t (a)", (1, 1), "name the index"),
    ("unknown-outcome", E, "reindex schema concurrently s", (1, 1), "name one table"),
    ("transaction-control", E, "begin;", (1, 1), "remove BEGIN"),
    ("transaction-control", E, "select 1;\n commit;", (2, 2), "remove BEGIN"),
    ("transaction-control", E, "prepare transaction 'x'", (1, 1), "remove BEGIN"),
    ("session-state", E, "set role boss", (1, 1), "remove it"),
    ("session-state", E, "set session authorization boss", (1, 1), "remove it"),
    ("session-state", E, "reset all", (1, 1), "remove it"),
    ("session-state", E, "discard temp", (1, 1), "remove it"),
    ("session-state", E, "select 1, pg_catalog.pg_advisory_unlock_all()", (1, 1), "remove it"),
    ("session-state", W, "set search_path = a", (1, 1), "SET LOCAL"),
    ("session-state", W, "select set_config('search_path', '', false)", (1, 1), "SET LOCAL"),
    ("session-state", W, "do $$ begin perform set_config('a', '', false); end $$", (1, 1), "SET LOCAL"),
    (
        "concurrently-if-not-exists",
        W,
        "create index concurrently if not exists i on t (a)",
        (1, 1),
        "IF NOT EXISTS",
    ),
    ("index-not-concurrent", W, "create index i on t (a)", (1, 1), "CONCURRENTLY"),
    ("not-null-without-default", E, "alter table t add b int not null", (1, 1), "DEFAULT"),
    ("not-null-without-default", E, "alter table t add b int primary key", (1, 1), "DEFAULT"),
    ("not-null-without-default", E, "alter table t add b int default null not null", (1, 1), "DEFAULT"),
    ("rewrite", W, "alter table t alter a type bigint", (1, 1), "rehearsal"),
    ("rewrite", W, "alter table t add b uuid not null default gen_random_uuid()", (1, 1), "rehearsal"),
    ("rewrite", W, "alter table t add b text default random()::text", (1, 1), "rehearsal"),
    ("rewrite", W, "alter table t add b bigserial", (1, 1), "rehearsal"),
    ("rewrite", W, "alter table t add b int generated always as identity", (1, 1), "rehearsal"),
    ("rewrite", W, "alter table t add b int generated always as (a + 1) stored", (1, 1), "rehearsal"),
    ("rewrite", W, "alter table t set unlogged", (1, 1), "rehearsal"),
    ("foreign-key-not-valid", W, "alter table t add foreign key (a) references p", (1, 1), "NOT VALID"),
    ("foreign-key-not-valid", W, "alter table t add b int references p (id)", (1, 1), "NOT VALID"),
    ("drop", W, "drop table s.t", (1, 1), "irreversible"),
    ("drop", W, "drop schema s cascade", (1, 1), "irreversible"),
    ("drop", W, "alter table t drop column a", (1, 1), "irreversible"),
    ("drop", W, "truncate t, u", (1, 1), "irreversible"),
    ("one-change", N, ";".join(f"create table t{number} ()" for number in range(8)), (1, 1), "split"),
    ("unexamined", W, "select " + "||".join(["'a'"] * 99), (1, 1), "care"),
    ("unreadable-sql", E, "select 1;\nselec 2", (2, 1), ""),
]

QUIET = [
    "begin; insert into t values (1); commit",
    "create index concurrently i on t (a)",
    "vacuum t",
    "savepoint a; rollback to a; release a",
    "set local lock_timeout = '1s'; set constraints all immediate",
    "select set_config('a', 'b', true), pg_advisory_xact_lock(1)",
    TABLE + "create index on t (a); alter table t alter a type bigint; alter table t add b int not null",
    "create table public.t (a int); alter table t add foreign key (a) references p",
    "alter table t add b int not null default 0, add c timestamptz default now()",
    "alter table t add b int",
    "alter table t add foreign key (a) references p not valid",
    "alter table t validate constraint c",
    "create function f() returns void language sql as 'select set_config(''a'', ''b'', false)'",
    "drop index i; drop view v; drop function f()",
    "alter type e add value 'x'",
]


def findings(sql: str, direction: Direction = Direction.UP) -> list[Finding]:
    return list(lint([Subject("V1.sql", sql, "1", direction, has_down=True)]))


@pytest.mark.parametrize(("rule", "severity", "sql", "place", "hint"), RED)
def test_a_hazard_is_found_at_its_statement(
    rule: str, severity: Severity, sql: str, place: tuple[int, int], hint: str
) -> None:
    (finding,) = [finding for finding in findings(sql) if finding.rule == rule]
    assert finding.severity is severity
    assert finding.location is not None
    assert (finding.location.file, finding.location.line, finding.location.column) == ("V1.sql", *place)
    assert hint in (finding.hint or "")


@pytest.mark.parametrize("sql", QUIET)
def test_what_is_not_a_hazard_is_let_pass(sql: str) -> None:
    assert findings(sql) == []


def test_every_rule_has_a_script_that_turns_it_red() -> None:
    assert {rule.name for rule in RULES} - {"no-way-back"} <= {rule for rule, *_ in RED}


def test_every_rule_says_what_it_looks_for() -> None:
    assert [rule.name for rule in RULES if not rule.meaning] == []


def test_a_table_created_by_an_earlier_pending_migration_is_new() -> None:
    first, second = (
        Subject("V1.sql", TABLE, "1", has_down=True),
        Subject("V2.sql", "create index on t (a)", "2", has_down=True),
    )
    assert lint([first, second]) == ()
    assert [finding.rule for finding in lint([first, second], {"2"})] == ["index-not-concurrent"]


def test_a_column_that_must_not_be_null_is_dangerous_even_on_a_table_of_the_same_release() -> None:
    found = lint(
        [
            Subject("V1.sql", TABLE, "1", has_down=True),
            Subject("V2.sql", "alter table t add b int not null", "2", has_down=True),
        ]
    )
    assert [finding.rule for finding in found] == ["not-null-without-default"]


def test_a_declared_loss_is_not_pointed_out_again() -> None:
    assert lint([Subject("V1.sql", "drop table t", irreversible=True)]) == ()


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (Subject("V1.sql", TABLE), ["no-way-back"]),
        (Subject("V1.sql", TABLE, has_down=True), []),
        (Subject("V1.sql", TABLE, irreversible=True), []),
        (Subject("R__v.sql", "select 1", repeatable=True), []),
    ],
)
def test_a_migration_needs_a_way_back_or_a_declaration(subject: Subject, expected: list[str]) -> None:
    assert [finding.rule for finding in lint([subject])] == expected


def test_down_scripts_may_drop_but_not_take_the_transaction_over() -> None:
    assert findings("drop table t", Direction.DOWN) == []
    assert [finding.rule for finding in findings("commit", Direction.DOWN)] == ["transaction-control"]


def test_migrations_that_are_not_pending_are_not_looked_at() -> None:
    assert lint([Subject("V1.sql", "selec", "1")], pending=()) == ()


@pytest.mark.parametrize(
    "text", ["create table n ();\ncreate index concurrently i on n (a)", "vacuum a;\nvacuum b"]
)
def test_what_is_meant_to_run_apart_may_stand_together(text: str) -> None:
    rules = {finding.rule for finding in lint([Subject("x.sql", text, separate=True)])}
    assert rules.isdisjoint({"mixed-transaction", "several-concurrent"})
