"""What can still go wrong once prod is written to, and that each ending says so and can be gone on from."""

import json
import shutil

import pytest

from pipeline.errors import ExitCode, Failed
from pipeline.findings import ClaimName
from pipeline.postgres import locks
from pipeline.proof import Evidence, Outcome
from pipeline.reports.screen import screen
from tests.scenarios.refusals import said, stopped
from tests.support.projects import At, SmallProject, ask, everything, execute, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

VERSIONS = """
SELECT string_agg(version, ' ' ORDER BY installed_rank) FROM flyway_schema_history WHERE version IS NOT NULL
"""
LOST = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
ROWS = {"name": "rows", "sql": "select count(*) from people", "expect": "not_less"}
PREPARING = ("started connect", "finished backup", "murmured rehearse 3", "finished gates")
APPLYING = ("started apply", "murmured apply 1", "murmured apply 3", "finished apply")


def touched(made: Evidence) -> bool:
    assert made.stopped is not None
    return made.stopped.target_touched


# --- a migration fails on prod alone


def test_a_failure_on_prod_alone_keeps_what_was_applied_before_it(older: SmallProject) -> None:
    older.keep("V1", "U1", "V2", "U2", "R", "V3", "U3", "V4", "U4")
    older.write("V5__one_email.sql", "ALTER TABLE people ADD CONSTRAINT once UNIQUE (email);\n")
    older.write("U5__one_email.sql", "ALTER TABLE people DROP CONSTRAINT once;\n")
    twice = "INSERT INTO people (email) VALUES ('twice@example.org'), ('Twice@example.org')"
    made = promote(older, listener=At({"finished unmoved": lambda: older.sql(twice)}))
    assert (made.outcome, made.exit_code, touched(made)) == (Outcome.FAILED, ExitCode.FAILED, True)
    assert "migrations/V5__one_email.sql:1" in said(made)
    assert "UNCHANGED" not in screen(made, document=None)
    assert ask(older.prod, VERSIONS) == "1 2 3 4"
    assert made.claim(ClaimName.SAME_END).holds is None
    execute(older.prod, "DELETE FROM people WHERE entered = 'Twice@example.org'")
    assert promote(older).outcome is Outcome.PROMOTED
    assert ask(older.prod, VERSIONS) == "1 2 3 4 5"


def test_an_index_build_that_fails_on_prod_alone_leaves_no_ruin(older: SmallProject) -> None:
    twice = "INSERT INTO people (email) VALUES ('twice@example.org'), ('Twice@example.org')"
    made = promote(older, listener=At({"finished unmoved": lambda: older.sql(twice)}))
    assert (made.outcome, made.exit_code, touched(made)) == (Outcome.FAILED, ExitCode.FAILED, True)
    assert ask(older.prod, VERSIONS) == "1 2 3 4"
    assert ask(older.prod, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    execute(older.prod, "DELETE FROM people WHERE entered = 'Twice@example.org'")
    assert promote(older).outcome is Outcome.PROMOTED


# --- what a script keeps

LOCKED = """
SELECT array_agg((classid::bigint << 32) | objid::bigint) FROM pg_locks
 WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_a_lock_that_the_last_script_keeps_is_released_before_the_end_is_judged(older: SmallProject) -> None:
    older.write("V8__lock.sql", '-- pipeline: irreversible reason="a lock"\nSELECT pg_advisory_lock(7);\n')
    seen: list[object] = []
    made = promote(older, listener=At({"started verify": lambda: seen.append(ask(older.prod, LOCKED))}))
    assert (made.outcome, seen) == (Outcome.PROMOTED, [[locks.OURS]])


# --- prod does not end where the rehearsal did


def test_a_command_that_fails_after_the_promotion_needs_a_human(older: SmallProject) -> None:
    older.configure(prod={"verify": [{"name": "smoke", "command": ["false"]}]})
    made = promote(older)
    assert (made.outcome, made.exit_code, touched(made)) == (Outcome.NEEDS_HUMAN, ExitCode.NEEDS_HUMAN, True)
    assert "smoke" in said(made)
    assert "UNCHANGED" not in screen(made, document=None)
    assert ask(older.prod, VERSIONS) == "1 2 3 4 5 6 7"


def test_an_end_that_is_not_the_rehearsals_needs_a_human(older: SmallProject) -> None:
    by_hand = At({"murmured apply 2": lambda: older.sql("CREATE TABLE by_hand (id int)")})
    made = promote(older, listener=by_hand)
    assert (made.outcome, made.exit_code, touched(made)) == (Outcome.NEEDS_HUMAN, ExitCode.NEEDS_HUMAN, True)
    assert made.claim(ClaimName.SAME_END).holds is False
    assert "by_hand" in said(made)


def test_a_check_that_holds_on_the_copy_and_not_on_prod_needs_a_human(older: SmallProject) -> None:
    older.configure(prod={"verify": [ROWS]})
    lost = At({"finished apply": lambda: older.sql("DELETE FROM people WHERE id = 1")})
    made = promote(older, listener=lost)
    assert (made.outcome, made.exit_code) == (Outcome.NEEDS_HUMAN, ExitCode.NEEDS_HUMAN)
    assert "rows: 100 before, 99 after" in said(made)


# --- a signal, a lost connection


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("boundary", PREPARING)
def test_a_signal_while_preparing_leaves_prod_alone(older: SmallProject, boundary: str) -> None:
    made = stopped(older, ExitCode.INTERRUPTED, Outcome.INTERRUPTED, listener=At({boundary: interrupt}))
    assert "the target is unchanged" in said(made)


@pytest.mark.parametrize("boundary", [*APPLYING, "started same-end"])
def test_a_rerun_goes_on_after_a_signal_while_applying(older: SmallProject, boundary: str) -> None:
    made = promote(older, listener=At({boundary: interrupt}))
    assert (made.outcome, made.exit_code) == (Outcome.INTERRUPTED, ExitCode.INTERRUPTED)
    assert promote(older).exit_code == 0
    assert ask(older.prod, VERSIONS) == "1 2 3 4 5 6 7"


@pytest.mark.parametrize(
    "boundary",
    [
        "finished connect",
        "started backup",
        "finished parity",
        "finished gates",
        "finished lock",
    ],
)
def test_a_connection_lost_before_anything_is_applied_is_no_defect(older: SmallProject, boundary: str) -> None:
    made = stopped_or_done(older, boundary)
    if made.exit_code:
        assert made.outcome is Outcome.FAILED
        assert made.exit_code in (ExitCode.UNAVAILABLE, ExitCode.FAILED)
        assert promote(older).exit_code == 0


def stopped_or_done(older: SmallProject, boundary: str) -> Evidence:
    before = everything(older.admin)
    made = promote(older, listener=At({boundary: lambda: execute(older.admin, LOST)}))
    if made.exit_code:
        assert everything(older.admin) == before
        assert not touched(made)
    return made


@pytest.mark.parametrize("boundary", ["finished unmoved", *APPLYING])
def test_a_connection_lost_while_applying_can_be_gone_on_from(older: SmallProject, boundary: str) -> None:
    made = promote(older, listener=At({boundary: lambda: execute(older.admin, LOST)}))
    assert made.exit_code in (ExitCode.FAILED, ExitCode.UNKNOWN, ExitCode.UNAVAILABLE)
    assert promote(older).exit_code == 0
    assert ask(older.prod, VERSIONS) == "1 2 3 4 5 6 7"


# --- what we could not foresee


def break_down() -> None:
    raise RuntimeError


@pytest.mark.parametrize(("boundary", "written_to"), [("finished backup", False), ("murmured apply 1", True)])
def test_a_defect_of_ours_leaves_evidence_too(older: SmallProject, boundary: str, *, written_to: bool) -> None:
    with pytest.raises(RuntimeError):
        promote(older, listener=At({boundary: break_down}))
    stop = json.loads((older.evidence / "latest" / "evidence.json").read_text())["stopped"]
    assert "RuntimeError" in stop["what"]
    assert stop["target_touched"] is written_to
    assert promote(older).exit_code == 0


def test_evidence_that_cannot_be_written_stops_before_prod_is_written_to(older: SmallProject) -> None:
    before = everything(older.admin)
    shutil.rmtree(older.evidence)
    older.evidence.write_text("a file, not a folder")
    with pytest.raises(Failed, match="evidence"):
        promote(older)
    assert everything(older.admin) == before


def test_a_role_that_may_not_keep_our_records_gets_the_statement_for_a_dba(small: SmallProject) -> None:
    where = small.prod.resolve()
    execute(small.admin, f"ALTER DATABASE {where['dbname']} OWNER TO postgres")
    execute(small.admin, f"GRANT ALL ON SCHEMA public TO {where['user']}")
    made = stopped(small, ExitCode.REFUSED, Outcome.REFUSED)
    assert "create schema pipeline authorization" in said(made)
