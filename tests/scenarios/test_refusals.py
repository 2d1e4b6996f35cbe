"""Every gate, seen red: each refusal leaves prod untouched to the last row and says what was wrong."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pipeline.errors import ExitCode
from pipeline.findings import ClaimName
from pipeline.postgres.locks import OURS
from pipeline.postgres.target import Target
from pipeline.proof import Outcome
from tests.scenarios.refusals import refusal, said, stopped
from tests.support.projects import TRIGGER, At, SmallProject, execute, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)


# --- before anything is started: the files and the history


def test_an_edited_applied_file_is_named(older: SmallProject) -> None:
    older.write("V2__add_entered.sql", "ALTER TABLE people ADD COLUMN entered varchar;\n")
    assert "V2__add_entered.sql" in said(refusal(older))


def test_a_deleted_applied_file_is_named(older: SmallProject) -> None:
    (older.migrations / "V2__add_entered.sql").unlink()
    assert "2" in said(refusal(older))


def test_an_older_version_merged_late_is_named(older: SmallProject) -> None:
    older.write("V1.5__late.sql", "CREATE TABLE late (id int);\n")
    assert "V1.5__late.sql" in said(refusal(older))


def test_an_index_build_among_transactional_statements_is_refused_at_its_line(older: SmallProject) -> None:
    older.write("V3__normalise_emails.sql", "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON people (email);\n")
    assert "migrations/V3__normalise_emails.sql:" in said(refusal(older))


def test_sql_that_cannot_be_read_is_refused_at_its_column(older: SmallProject) -> None:
    older.write("V4__create_kind.sql", "CREATE TYPE kind AS\n  ENUM ('a',, 'b');\n")
    assert "migrations/V4__create_kind.sql:2:13" in said(refusal(older))


def test_a_required_environment_that_has_not_passed_it_refuses(small: SmallProject, tmp_path: Path) -> None:
    small.configure(
        dev={"database": {"embedded": str(tmp_path / "dev")}}, prod={"requires": ["dev", "staging"]}
    )
    small.shape = {name: small.shape[name] for name in ("dev", "staging", "prod")}
    small.configure()
    assert "not applied in dev" in said(refusal(small))


# --- the database is not what it should be


def test_a_column_added_by_hand_is_named_as_drift(older: SmallProject) -> None:
    older.sql("ALTER TABLE people ADD COLUMN hotfix int")
    made = refusal(older)
    assert "hotfix" in said(made)
    assert [one.rule for one in made.findings if one.refuses] == ["drift"]


def test_a_marker_of_another_environment_refuses(older: SmallProject) -> None:
    older.sql("UPDATE pipeline.marker SET environment = 'qa'")
    assert "'qa'" in said(refusal(older))


def test_the_marker_of_the_database_it_was_copied_from_refuses(older: SmallProject) -> None:
    older.sql("UPDATE pipeline.marker SET database_oid = '1'")
    assert "copy" in said(refusal(older))


def test_another_database_than_the_file_names_refuses(older: SmallProject) -> None:
    older.configure(prod={"identity": {"database": "shop"}})
    assert "'shop'" in said(refusal(older))


# --- the way back


def test_a_migration_without_a_way_back_refuses(older: SmallProject) -> None:
    (older.migrations / "U4__create_kind.sql").unlink()
    made = refusal(older)
    assert made.claim(ClaimName.WAY_BACK).holds is False
    assert "4 none" in said(made)


def test_a_way_back_that_fails_refuses(older: SmallProject) -> None:
    older.write("U4__create_kind.sql", "DROP TYPE kinds;\n")
    made = refusal(older)
    assert made.claim(ClaimName.WAY_BACK).holds is False
    assert "U4__create_kind.sql:1" in said(made)


def test_a_way_back_that_leaves_something_refuses(older: SmallProject) -> None:
    older.write("U6__note_visits.sql", "DROP TRIGGER people_visit ON people; DROP TABLE visits;\n")
    older.write("V6__note_visits.sql", TRIGGER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    made = refusal(older)
    assert made.claim(ClaimName.WAY_BACK).holds is False
    assert "6 residue" in said(made)
    assert "note_visit" in said(made)


def test_a_way_back_that_loses_rows_refuses(older: SmallProject) -> None:
    older.write("U3__normalise_emails.sql", "UPDATE people SET entered = NULL;\n")
    made = refusal(older)
    assert made.claim(ClaimName.WAY_BACK).holds is False
    assert "3 schema-only" in said(made)


def test_a_second_way_up_that_fails_refuses(older: SmallProject) -> None:
    older.write("U4__create_kind.sql", "SELECT 1;\n")
    made = refusal(older)
    assert made.claim(ClaimName.WAY_BACK).holds is False
    assert made.claim(ClaimName.SAFE_ON_THE_ROAD).holds is None
    assert "already exists" in said(made)


# --- the road


def test_duplicates_among_the_rows_of_prod_stop_it_in_the_rehearsal(older: SmallProject) -> None:
    older.sql("INSERT INTO people (email) VALUES ('Twice@example.org'), ('tWICE@example.org')")
    made = refusal(older)
    assert "migrations/V5__index_emails.sql:1" in said(made)
    assert "people_email_idx" in said(made)


def test_the_same_release_passes_without_the_duplicates(older: SmallProject) -> None:
    assert promote(older).outcome is Outcome.PROMOTED


def test_rewriting_a_table_with_many_rows_refuses(older: SmallProject) -> None:
    older.write("V4__create_kind.sql", "ALTER TABLE people ALTER COLUMN fax TYPE int USING fax::int;\n")
    older.write("U4__create_kind.sql", "ALTER TABLE people ALTER COLUMN fax TYPE text;\n")
    older.keep("V1", "U1", "V2", "U2", "R", "V4", "U4")
    older.configure(staging={"rehearse": {"budgets": {"min_rows": 100}}})
    made = refusal(older)
    assert made.claim(ClaimName.SAFE_ON_THE_ROAD).holds is False
    assert "rewrites public.people" in said(made)


def test_rewriting_a_table_with_few_rows_passes(older: SmallProject) -> None:
    older.write("V4__create_kind.sql", "ALTER TABLE people ALTER COLUMN fax TYPE int USING fax::int;\n")
    older.write("U4__create_kind.sql", "ALTER TABLE people ALTER COLUMN fax TYPE text;\n")
    older.keep("V1", "U1", "V2", "U2", "R", "V4", "U4")
    older.configure(staging={"rehearse": {"budgets": {"min_rows": 101}}})
    assert promote(older).outcome is Outcome.PROMOTED


def test_more_wal_than_the_budget_refuses(older: SmallProject) -> None:
    older.configure(staging={"rehearse": {"budgets": {"wal": "1KiB"}}})
    made = refusal(older)
    assert made.claim(ClaimName.SAFE_ON_THE_ROAD).holds is False
    assert "WAL (budget 1024)" in said(made)


def test_a_longer_release_than_the_budget_refuses(older: SmallProject) -> None:
    older.write(
        "V4__create_kind.sql", "CREATE TYPE kind AS ENUM ('guest', 'regular'); SELECT pg_sleep(0.05);\n"
    )
    older.configure(staging={"rehearse": {"budgets": {"duration": "20ms"}}})
    made = refusal(older)
    assert made.claim(ClaimName.SAFE_ON_THE_ROAD).holds is False
    assert "budget 0 s" in said(made)


def test_a_strong_lock_held_longer_than_the_limit_refuses(older: SmallProject) -> None:
    text = "ALTER TABLE people ADD COLUMN note text;\nSELECT pg_sleep(0.05);\n"
    older.write("V4__create_kind.sql", text)
    older.write("U4__create_kind.sql", "ALTER TABLE people DROP COLUMN note;\n")
    older.keep("V1", "U1", "V2", "U2", "R", "V4", "U4")
    older.configure(prod={"limits": {"hold": "20ms"}})
    made = refusal(older)
    assert made.claim(ClaimName.SAFE_ON_THE_ROAD).holds is False
    assert "4 line 1: AccessExclusiveLock on public.people held" in said(made)


# --- the checks


def test_a_check_that_fails_on_the_copy_refuses(older: SmallProject) -> None:
    older.configure(
        prod={"verify": [{"name": "no faxes", "sql": "select count(fax) from people", "expect": "zero"}]}
    )
    older.keep("V1", "U1", "V2", "U2", "R", "V3", "U3")
    assert "no faxes: 60, expected 0" in said(refusal(older))


def test_a_check_that_nobody_can_ask_refuses(older: SmallProject) -> None:
    older.configure(
        prod={"verify": [{"name": "lost", "sql": "select count(*) from nowhere", "expect": "zero"}]}
    )
    assert "'lost' cannot be asked" in said(refusal(older))


def test_rows_that_a_migration_deletes_fail_the_check_that_counts_them(older: SmallProject) -> None:
    older.write(
        "V3__normalise_emails.sql", '-- pipeline: irreversible reason="x"\nDELETE FROM people WHERE id < 3;\n'
    )
    older.configure(
        prod={"verify": [{"name": "none lost", "sql": "select count(*) from people", "expect": "not_less"}]}
    )
    assert "none lost: 100 before, 98 after" in said(refusal(older))


# --- the backup


def test_a_table_that_the_role_may_not_read_refuses_the_backup(older: SmallProject) -> None:
    execute(older.admin, "CREATE TABLE secret (id int); REVOKE ALL ON secret FROM public")
    older.configure(prod={"drift": {"before": "warn"}})
    made = stopped(older, ExitCode.UNAVAILABLE, Outcome.FAILED)
    assert "secret" in said(made)
    assert made.claim(ClaimName.BACKUP_RESTORES).holds is None


def test_a_store_that_cannot_be_written_stops_it(older: SmallProject) -> None:
    store = older.root / "store"
    store.write_text("a file, not a folder")
    older.configure(prod={"backup": {"store": "store"}})
    made = stopped(older, ExitCode.FAILED, Outcome.FAILED)
    assert "store" in said(made)


# --- under the lock


def test_a_prod_that_changed_its_shape_since_it_was_copied_refuses(older: SmallProject) -> None:
    listener = At({"finished gates": lambda: older.sql("ALTER TABLE people ADD COLUMN hotfix int")})
    made = refusal(older, listener=listener)
    assert "hotfix" in said(made)
    assert made.claim(ClaimName.SAME_START).holds is False


def test_a_prod_whose_ledger_moved_since_it_was_copied_refuses(older: SmallProject) -> None:
    row = "INSERT INTO flyway_schema_history VALUES (99, '3', 'x', 'SQL', 'V3__x.sql', 1, 'me', now(), 1, true)"
    made = refusal(older, listener=At({"finished gates": lambda: older.sql(row)}))
    assert "the ledger has 4 rows, had 3" in said(made)
    assert made.claim(ClaimName.SAME_START).holds is False


def test_a_prod_that_was_marked_as_another_one_since_it_was_copied_refuses(older: SmallProject) -> None:
    mark = "UPDATE pipeline.marker SET environment = 'qa'"
    assert "'qa'" in said(refusal(older, listener=At({"finished gates": lambda: older.sql(mark)})))


def test_nobody_may_pass_while_another_holds_the_lock(older: SmallProject, owner: Target) -> None:
    older.configure(prod={"limits": {"advisory_lock": "1s"}})
    with psycopg.connect(make_conninfo("", **owner.resolve()), application_name="the other one") as other:
        other.execute("SELECT pg_advisory_lock(%s)", [OURS])
        made = stopped(older, ExitCode.BUSY, Outcome.BUSY)
    assert "the other one" in said(made)
