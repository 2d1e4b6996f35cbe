"""The whole way, from every beginning that it may have."""

import json

from pipeline.findings import ClaimName
from pipeline.proof import Outcome
from tests.support.projects import OLDER, At, SmallProject, everything, promote, state_of


def test_an_empty_prod_gets_the_whole_release_with_six_true_claims(small: SmallProject) -> None:
    made = promote(small)
    assert (made.outcome, made.exit_code, made.stopped) == (Outcome.PROMOTED, 0, None)
    assert {claim.name: claim.holds for claim in made.claims} == dict.fromkeys(ClaimName, True)
    assert made.target is not None
    assert (made.target.version_before, made.target.version_after) == (None, "7")


def test_rows_of_an_older_version_are_carried_along(older: SmallProject) -> None:
    made = promote(older)
    assert {claim.name: claim.holds for claim in made.claims} == dict.fromkeys(ClaimName, True)
    assert made.claim(ClaimName.BACKUP_RESTORES).detail["rows_compared"] == 103  # 3 of them the ledger's
    assert made.target is not None
    assert (made.target.version_before, made.target.version_after) == (OLDER, "7")


def test_going_in_two_parts_ends_where_going_at_once_does(small: SmallProject) -> None:
    promote(small, to="4")
    promote(small)
    versions = [row[0] for row in state_of(small.prod)["history"]]  # type: ignore[index, attr-defined]
    assert versions == ["1", "2", "3", "4", None, "5", "6", "7"]


def test_a_second_run_touches_nothing_and_leaves_no_evidence(small: SmallProject) -> None:
    promote(small)
    before, folders = everything(small.admin), sorted(small.evidence.iterdir())
    made = promote(small)
    assert (made.outcome, made.exit_code) == (Outcome.NOTHING_TO_DO, 0)
    assert everything(small.admin) == before
    assert sorted(small.evidence.iterdir()) == folders


def test_promoting_a_throwaway_rehearses_and_leaves_prod_alone(older: SmallProject) -> None:
    before = everything(older.admin)
    made = promote(older, "staging")
    assert (made.outcome, made.exit_code) == (Outcome.REHEARSED, 0)
    assert everything(older.admin) == before
    holds = {claim.name: claim.holds for claim in made.claims}
    assert holds[ClaimName.WAY_BACK] is True
    assert holds[ClaimName.SAME_END] is None


def test_the_evidence_file_says_what_was_returned(small: SmallProject) -> None:
    made = promote(small)
    written = json.loads((small.evidence / "latest" / "evidence.json").read_text())
    assert written["run_id"] == made.run_id
    assert {name: claim["holds"] for name, claim in written["claims"].items()} == dict.fromkeys(ClaimName, True)


def test_every_step_that_began_ended_before_the_next_one(small: SmallProject) -> None:
    listener = At()
    promote(small, listener=listener)
    steps = [one for one in listener.passed if not one.startswith("murmured")]
    assert [one.split()[0] for one in steps] == ["started", "finished"] * (len(steps) // 2)
