"""Every verb from argv to exit code, on a real server: text for people, one JSON document for programs."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.support.commands import pipeline
from tests.support.projects import SmallProject, ask, everything, state_of

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

ESCAPE = "\x1b"


def test_a_promotion_ends_with_its_screen_and_tells_steps_on_stderr(call: Call, small: SmallProject) -> None:
    ended = call("promote", "prod")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert lines[0].startswith("PROMOTED  small → prod")
    assert [line[0] for line in lines[1:7]] == ["✓"] * 6
    assert len(lines) <= 30
    assert "✓ rehearse" in ended.err
    assert ESCAPE not in ended.out + ended.err
    assert (small.root / lines[0].split()[-1]).is_file()


def test_a_promotion_as_a_document_is_its_evidence(call: Call, small: SmallProject) -> None:
    ended = call("promote", "prod", "--format", "json")
    assert ended.code == 0, ended.err
    assert ended.document == json.loads((small.evidence / "latest" / "evidence.json").read_text())


def test_a_quiet_promotion_says_its_result_alone(call: Call) -> None:
    ended = call("promote", "prod", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("PROMOTED")


def test_a_second_promotion_has_nothing_to_do(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod").code == 0
    before = everything(small.admin)
    ended = call("promote", "prod")
    assert ended.code == 0
    assert ended.out.startswith("NOTHING TO DO  small → prod")
    assert everything(small.admin) == before
    assert call("promote", "prod", "--format", "json").document["outcome"] == "nothing to do"


def test_a_refusal_says_that_prod_is_unchanged_and_where_the_fault_is(call: Call, small: SmallProject) -> None:
    small.write("V4__create_kind.sql", "CREATE TYPE kind AS ENUM ('a',, 'b');\n")
    ended = call("promote", "prod")
    assert ended.code == 3
    assert ended.out.startswith("REFUSED")
    assert "PROD IS UNCHANGED" in ended.out
    assert "migrations/V4__create_kind.sql:1:31" in ended.out
    document = call("promote", "prod", "--format", "json")
    assert (document.code, document.document["exit_code"]) == (3, 3)


def test_a_plan_changes_nothing_and_shows_every_statement(call: Call, small: SmallProject) -> None:
    before = everything(small.admin)
    ended = call("plan", "prod")
    assert ended.code == 0
    assert "CREATE INDEX" in ended.out
    assert "[outside a transaction]" in ended.out
    document = call("plan", "prod", "--format", "json").document
    assert isinstance(document["plan"], dict)
    assert everything(small.admin) == before
    assert not (small.root / ".pipeline" / "runs").exists()


def test_status_before_and_after(call: Call) -> None:
    assert call("status", "prod", "--exit-code").code == 2
    before = call("status")
    assert before.code == 0
    assert "Pending" in before.out
    assert call("promote", "prod").code == 0
    assert call("status", "prod", "--exit-code").code == 0
    (environment,) = call("status", "--format", "json").document["environments"]  # type: ignore[misc]
    assert (environment["version"], environment["pending"]) == ("7", 0)


def test_status_says_what_is_wrong(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod", "--to", "2").code == 0
    small.write("V2__add_entered.sql", "ALTER TABLE people ADD COLUMN entered varchar;\n")
    ended = call("status")
    assert ended.code == 3
    assert "V2__add_entered.sql" in ended.out


def test_drift_names_the_column_that_was_added_by_hand(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod").code == 0
    assert call("drift", "prod").code == 0
    small.sql("ALTER TABLE people ADD COLUMN hotfix int")
    ended = call("drift", "prod")
    assert ended.code == 2
    assert "hotfix" in ended.out
    document = call("drift", "prod", "--format", "json")
    assert document.code == 2
    assert document.document["differs"] is True
    assert [one["name"] for one in document.document["differences"]] == ["public.people.hotfix"]  # type: ignore[attr-defined]


def test_drift_of_a_database_that_was_never_promoted_here(call: Call, small: SmallProject) -> None:
    small.sql("CREATE TABLE stray (id int)")
    ended = call("drift", "prod")
    assert ended.code == 2
    assert "stray" in ended.out


def test_a_backup_says_what_it_holds(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod", "--to", "2").code == 0
    assert "43 rows" in call("backup", "prod").out  # 3 of them the ledger's
    document = call("backup", "prod", "--format", "json").document
    assert (small.root / str(document["backup"]) / "manifest.json").is_file()


def test_migrate_refuses_a_protected_environment(call: Call, small: SmallProject) -> None:
    before = everything(small.admin)
    ended = call("migrate", "prod")
    assert (ended.code, ended.out) == (3, "")
    assert "pipeline promote prod" in ended.err
    assert call("migrate", "prod", "--format", "json").document["exit_code"] == 3
    assert everything(small.admin) == before


def test_migrate_applies_to_an_unprotected_environment(call: Call, small: SmallProject) -> None:
    small.configure(prod={"protected": False})
    ended = call("migrate", "prod", "--to", "3")
    assert ended.code == 0, ended.err
    assert "now at 3" in ended.out
    assert call("migrate", "prod", "--format", "json").document["version"] == "7"
    assert call("migrate", "prod").out.startswith("NOTHING TO DO")


def test_rollback_refuses_a_protected_environment(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod", "--to", "2").code == 0
    before = everything(small.admin)
    ended = call("rollback", "prod", "--to", "1")
    assert (ended.code, ended.out) == (3, "")
    assert "promote a migration that takes the change back" in ended.err
    assert everything(small.admin) == before


def test_rollback_takes_back_the_newest_first_and_migrate_applies_them_again(
    call: Call, small: SmallProject
) -> None:
    small.configure(prod={"protected": False})
    small.keep("V1", "U1", "V2", "U2", "V3", "U3", "V4", "U4", "V5", "U5")
    assert call("migrate", "prod", "--to", "2").code == 0
    before = state_of(small.prod)
    assert call("migrate", "prod").code == 0
    document = call("rollback", "prod", "--to", "2", "--format", "json").document
    assert (document["undone"], document["version"]) == (["5", "4", "3"], "2")
    assert state_of(small.prod) == before
    assert call("rollback", "prod", "--to", "2").out.startswith("NOTHING TO DO")
    assert "now before the first migration" in call("rollback", "prod", "--to", "base").out
    assert call("migrate", "prod", "--format", "json").document["version"] == "5"


def test_rollback_past_a_point_of_no_return_touches_nothing(call: Call, small: SmallProject) -> None:
    small.configure(prod={"protected": False})
    assert call("migrate", "prod").code == 0
    before = everything(small.admin)
    ended = call("rollback", "prod", "--to", "3")
    assert ended.code == 3
    assert "7 drop fax has no way back" in ended.err
    assert call("rollback", "prod", "--to", "8").code == 64
    assert everything(small.admin) == before


def test_validate_finds_a_file_that_was_edited_after_it_was_applied(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod", "--to", "2").code == 0
    assert call("validate", "prod").out == "✓ 8 migrations against prod, 0 problems\n"
    small.write("V2__add_entered.sql", "ALTER TABLE people ADD COLUMN entered varchar;\n")
    assert call("validate").code == 0
    ended = call("validate", "prod")
    assert ended.code == 3
    assert "V2__add_entered.sql" in ended.out


def test_new_writes_the_next_migration_and_overwrites_nothing(call: Call, small: SmallProject) -> None:
    document = call("new", "add the phone", "--format", "json").document
    assert document["files"] == ["migrations/V8__add_the_phone.sql", "migrations/U8__add_the_phone.sql"]
    (small.migrations / "U8__add_the_phone.sql").rename(small.migrations / "U9__add_the_fax.sql")
    ended = call("new", "add the fax")
    assert ended.code == 64
    assert "U9__add_the_fax.sql is already there" in ended.err
    assert not (small.migrations / "V9__add_the_fax.sql").exists()


def test_lint_needs_no_database(call: Call, small: SmallProject) -> None:
    small.environ.pop("PROD_DATABASE_URL")
    assert call("lint").code == 0
    small.write("V8__mixed.sql", "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON people (email);\n")
    ended = call("lint")
    assert ended.code == 3
    assert "V8__mixed.sql:" in ended.out
    assert call("lint", "--format", "json").document["findings"]


def test_doctor_looks_at_everything(call: Call) -> None:
    ended = call("doctor", "prod")
    assert ended.code == 0, ended.out
    assert "✓ prod" in ended.out
    assert call("doctor", "--format", "json").document["good"] is True


def test_doctor_says_what_is_missing(call: Call, small: SmallProject) -> None:
    small.environ["PROD_DATABASE_URL"] = "postgresql://nobody@/nowhere?host=/nowhere"
    ended = call("doctor", "prod")
    assert ended.code == 69
    assert "to do:" in ended.out


def test_the_configuration_is_shown_with_references_only(call: Call) -> None:
    ended = call("config", "show")
    assert ended.code == 0
    assert "${PROD_DATABASE_URL}" in ended.out
    assert "sockets" not in ended.out
    assert "environments" in call("config", "show", "--format", "json").document


@pytest.mark.parametrize("arguments", [("prod",), ("prod", "--yes")])
def test_reset_keeps_its_hands_off_what_is_not_embedded(
    call: Call, small: SmallProject, arguments: tuple[str, ...]
) -> None:
    before = everything(small.admin)
    ended = call("reset", *arguments)
    assert (ended.code, ended.out) == (64, "")
    assert "not an embedded database" in ended.err
    assert everything(small.admin) == before


def test_reset_wants_to_be_confirmed(call: Call, small: SmallProject, tmp_path: Path) -> None:
    small.configure(dev={"database": {"embedded": str(tmp_path / "dev")}})
    ended = call("reset", "dev", stdin="dev\n")
    assert (ended.code, ended.out) == (64, "")
    assert "not confirmed" in ended.err


def test_the_result_goes_to_a_file(call: Call, small: SmallProject) -> None:
    ended = call("status", "--format", "json", "--output", "out.json")
    assert (ended.code, ended.out) == (0, "")
    assert json.loads((small.root / "out.json").read_text())["environments"]


def test_evidence_goes_where_it_is_told(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod", "--output-dir", "proof").code == 0
    assert (small.root / "proof" / "latest" / "evidence.json").is_file()
    assert not small.evidence.exists()


def test_a_throwaway_is_promoted_by_rehearsing(call: Call, small: SmallProject) -> None:
    before = everything(small.admin)
    ended = call("promote", "staging")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("REHEARSED  small → staging")
    assert everything(small.admin) == before


def test_the_file_may_be_named(small: SmallProject, tmp_path: Path) -> None:
    named = str(small.root / "environments.yaml")
    assert pipeline(tmp_path, small.environ, "status", "--config", named).code == 0
    assert pipeline(tmp_path, {**small.environ, "X": ""}, "status", "-c", named, "--no-color").code == 0


def test_a_server_that_is_not_there_is_unavailable(call: Call, small: SmallProject) -> None:
    small.environ["PROD_DATABASE_URL"] = "postgresql://someone@/small?host=/nowhere"
    for arguments in (
        ("promote", "prod"),
        ("plan", "prod"),
        ("drift", "prod"),
        ("backup", "prod"),
        ("status",),
    ):
        ended = call(*arguments, "--format", "json")
        assert ended.code == 69, arguments
        assert ended.document


def test_nothing_was_promoted_by_looking(call: Call, small: SmallProject) -> None:
    for arguments in (("status",), ("plan", "prod"), ("drift", "prod"), ("doctor", "prod"), ("backup", "prod")):
        assert call(*arguments).code == 0, arguments
    assert ask(small.prod, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
