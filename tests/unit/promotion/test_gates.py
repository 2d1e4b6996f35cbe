"""Every gate seen open, and seen closed."""

from pipeline.checks.verdict import Verdict
from pipeline.config.sections import Drift
from pipeline.findings import ClaimName, Finding, Severity
from pipeline.formats.model import Disposition, MigrationState
from pipeline.postgres.identity import Identity
from pipeline.promotion import gates
from tests.support.builders import all_claims, migration

PROBLEM = MigrationState(
    migration("3", "select 1"),
    None,
    "Failed",
    Disposition.PROBLEM,
    Finding("failed", Severity.ERROR, "it failed half-way"),
)


def closed(findings: tuple[Finding, ...]) -> bool:
    return any(finding.refuses for finding in findings)


def test_a_problem_in_the_history_closes_and_a_clean_one_does_not() -> None:
    clean = MigrationState(migration("1", "select 1"), None, "Success", Disposition.APPLIED)
    assert closed(gates.history([clean, PROBLEM], ()))
    assert not closed(gates.history([clean], ()))


def test_what_we_left_half_way_ourselves_can_be_resumed() -> None:
    assert not closed(gates.history([PROBLEM], {"3"}))


def identity(*powers: str, may_create_schema: bool = True) -> Identity:
    return Identity(
        database="shop",
        oid="1",
        system_identifier="1",
        server_version="18.6",
        in_recovery=False,
        role="migrator",
        powers=list(powers),
        owns_database=may_create_schema,
        may_create_schema=may_create_schema,
        owner="dba",
        encoding="UTF8",
        collate="C",
        ctype="C",
        locale_provider="c",
        locale=None,
        now="now",
    )


def test_a_role_that_may_not_keep_our_records_closes_unless_a_dba_has_made_the_place() -> None:
    assert closed(gates.rights(identity(may_create_schema=False), schema_there=False))
    assert not closed(gates.rights(identity(may_create_schema=False), schema_there=True))
    assert not closed(gates.rights(identity(may_create_schema=True), schema_there=False))


def test_a_role_with_power_over_the_server_closes_where_it_is_protected_and_nobody_allowed_it() -> None:
    mighty = identity("pg_read_server_files", "pg_write_server_files")
    assert closed(gates.role(mighty, (), protected=True))
    assert closed(gates.role(mighty, ["pg_read_server_files"], protected=True))
    assert gates.role(mighty, ["pg_read_server_files", "pg_write_server_files"], protected=True) == ()
    assert gates.role(mighty, (), protected=False) == ()
    assert gates.role(identity(), (), protected=True) == ()


def test_drift_closes_or_warns_as_the_file_says() -> None:
    assert closed(gates.drift(["column a added"], Drift(before="block")))
    warned = gates.drift(["column a added"], Drift(before="warn"))
    assert warned
    assert not closed(warned)
    assert gates.drift([], Drift()) == ()


def test_drift_beside_the_release_is_said_and_closes_nothing() -> None:
    (said,) = gates.drift_beside(["column a added"])
    assert (said.severity, "column a added" in said.message) == (Severity.WARNING, True)


def test_drift_that_could_not_be_examined_is_said_aloud() -> None:
    assert gates.unknown_drift("a baseline")[0].severity is Severity.WARNING
    assert gates.unknown_drift(None) == ()


def test_a_copy_that_differs_closes() -> None:
    assert closed(gates.parity(["orders: 1 row fewer"]))
    assert not closed(gates.parity([]))


def test_a_check_that_does_not_hold_closes() -> None:
    assert closed(gates.checks([Verdict("orders", holds=False, words="3 before, 2 after")]))
    assert not closed(gates.checks([]))


def test_a_rehearsal_without_an_end_closes() -> None:
    assert closed(gates.rehearsed_to_the_end(complete=False))
    assert not closed(gates.rehearsed_to_the_end(complete=True))


def test_a_target_that_moved_closes() -> None:
    assert closed(gates.unmoved(["column a added"]))
    assert not closed(gates.unmoved([]))


def test_a_required_claim_that_is_false_or_null_closes_and_one_that_is_not_required_does_not() -> None:
    for holds in (False, None):
        assert closed(gates.claims(all_claims(holds=holds), {ClaimName.WAY_BACK}))
        assert not closed(gates.claims(all_claims(holds=holds), ()))
    assert not closed(gates.claims(all_claims(), set(ClaimName)))
