"""Claims that cannot fail by the release alone: somebody tampers with the copy, the files or the records."""

import json

import pytest

from pipeline.findings import ClaimName
from pipeline.postgres.target import Target
from pipeline.proof import Outcome
from tests.scenarios.refusals import refusal, said
from tests.support.projects import RELEASE, At, SmallProject, ask, execute, promote

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)


def copy_of(listener: At) -> Target:
    """The rehearsal's database, by what the step that started its server said."""
    (summary,) = [result.summary for result in listener.results if result.name == "throwaway"]
    where = {"host": f"{summary.rpartition(' on ')[2]}/sockets", "port": "5432"}
    return Target("copy", lambda: {**where, "user": "postgres", "dbname": "rehearsal"})


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        ("DELETE FROM people WHERE id = 7", "public.people"),
        ("UPDATE people SET fax = 'x' WHERE id = 7", "public.people"),
        ("DROP VIEW addresses", "addresses"),
    ],
)
def test_a_backup_that_gives_back_something_else_refuses(
    older: SmallProject, tampering: str, words: str
) -> None:
    listener = At()
    listener.moments = {"finished restore": lambda: execute(copy_of(listener), tampering)}
    made = refusal(older, listener=listener)
    assert made.claim(ClaimName.BACKUP_RESTORES).holds is False
    assert made.claim(ClaimName.SAME_START).holds is False
    assert words in said(made)


def test_a_ledger_that_came_back_different_is_another_start(older: SmallProject) -> None:
    listener = At()
    forget = "UPDATE flyway_schema_history SET checksum = 1 WHERE version = '2'"
    listener.moments = {"finished restore": lambda: execute(copy_of(listener), forget)}
    assert refusal(older, listener=listener).claim(ClaimName.SAME_START).holds is False


def test_files_that_change_on_the_way_are_not_what_is_applied(older: SmallProject) -> None:
    def swap() -> None:
        older.write("V7__drop_fax.sql", "DROP TABLE visits;\n")

    made = promote(older, listener=At({"finished gates": swap}))
    assert made.outcome is Outcome.PROMOTED, made.stopped
    assert made.claim(ClaimName.SAME_BYTES).holds is True
    assert ask(older.prod, "SELECT to_regclass('visits') IS NOT NULL")
    assert "V7__drop_fax.sql" in said(refusal(older))
    older.write("V7__drop_fax.sql", RELEASE["V7__drop_fax.sql"])
    assert promote(older).outcome is Outcome.NOTHING_TO_DO


def test_records_of_other_bytes_make_the_claim_false(older: SmallProject) -> None:
    promote(older, listener=At({"finished apply": interrupt}))
    older.sql("UPDATE pipeline.applied SET sha256 = 'other' WHERE migration = '7'")
    made = promote(older)
    assert (made.outcome, made.exit_code) == (Outcome.NEEDS_HUMAN, 7)
    assert made.claim(ClaimName.SAME_BYTES).holds is False
    assert made.claim(ClaimName.SAME_BYTES).reason
    assert made.claim(ClaimName.SAME_END).holds is True


def test_a_run_that_was_cut_off_at_its_end_has_its_whole_proof_after_a_rerun(older: SmallProject) -> None:
    cut_off = promote(older, listener=At({"finished apply": interrupt}))
    assert cut_off.claim(ClaimName.SAME_END).holds is None
    assert promote(older).outcome is Outcome.NOTHING_TO_DO
    written = json.loads((older.evidence / cut_off.run_id / "evidence.json").read_text())
    assert {name: claim["holds"] for name, claim in written["claims"].items()} == dict.fromkeys(ClaimName, True)
    assert (written["outcome"], written["exit_code"], written["stopped"]) == ("promoted", 0, None)
