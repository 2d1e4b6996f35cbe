"""The document of a run is whole on disk whenever it is there, and can be completed later."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.findings import Claim, ClaimName
from pipeline.promotion.evidence import complete, planned, write
from pipeline.proof import Outcome
from tests.support.evidence_shape import complaints
from tests.unit.promotion.proofs import DIGEST, PLANNED, draft, made, read, told


def listed(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_run_has_a_folder_with_its_document_and_digest_and_nothing_else(tmp_path: Path) -> None:
    path = write(made(Outcome.PROMOTED, 0), tmp_path / "evidence")
    assert path == tmp_path / "evidence" / "r1" / "evidence.json"
    assert listed(path.parent) == {"evidence.json", "SHA256SUMS"}
    assert listed(tmp_path / "evidence") == {"r1", "latest"}
    assert read(path.parent) == told(made(Outcome.PROMOTED, 0))
    digest = sha256(path.read_bytes()).hexdigest()
    assert (path.parent / "SHA256SUMS").read_text() == f"{digest}  evidence.json\n"


def test_latest_moves_on_with_every_run_and_the_runs_before_stay(tmp_path: Path) -> None:
    for run_id in ("r1", "r2"):
        write(made(Outcome.PROMOTED, 0, run_id=run_id), tmp_path)
        assert (tmp_path / "latest").readlink() == Path(run_id)
        assert read(tmp_path / "latest")["run_id"] == run_id
    assert listed(tmp_path) == {"r1", "r2", "latest"}


def test_the_end_of_a_run_takes_the_place_of_its_draft(tmp_path: Path) -> None:
    write(draft(), tmp_path)
    write(made(Outcome.PROMOTED, 0), tmp_path)
    assert read(tmp_path / "latest")["outcome"] == "promoted"
    assert listed(tmp_path / "r1") == {"evidence.json", "SHA256SUMS"}


def test_what_a_killed_writer_left_behind_is_neither_read_nor_kept(tmp_path: Path) -> None:
    (tmp_path / "r1").mkdir()
    for name in (".evidence.json.tmp", ".SHA256SUMS.tmp"):
        (tmp_path / "r1" / name).write_text("{half")
    write(made(Outcome.PROMOTED, 0), tmp_path)
    assert listed(tmp_path / "r1") == {"evidence.json", "SHA256SUMS"}
    assert read(tmp_path / "r1")["outcome"] == "promoted"


def test_a_document_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    write(draft(), tmp_path)
    unwritable = Claim(ClaimName.SAME_END, holds=True, summary="equal", detail={"differences": object()})
    with pytest.raises(TypeError, match="not JSON serializable"):
        write(replace(made(Outcome.PROMOTED, 0), claims=(unwritable,)), tmp_path)
    assert read(tmp_path / "r1") == told(draft())
    assert listed(tmp_path / "r1") == {"evidence.json", "SHA256SUMS"}


def test_the_proof_of_a_run_that_was_cut_off_is_completed(tmp_path: Path) -> None:
    folder = write(draft(), tmp_path).parent
    before = read(folder)
    complete(folder, fingerprint=DIGEST, version="44", checks="1 of 1 checks", at="2026-01-02T00:00:00Z")
    after = read(folder)
    assert complaints(after) == []
    assert (after["outcome"], after["exit_code"], after["finished_at"]) == (
        "promoted",
        0,
        "2026-01-02T00:00:00Z",
    )
    assert [after["claims"][name]["holds"] for name in ClaimName] == [True] * 6
    assert after["stopped"] is None
    assert after["target"] == {**before["target"], "fingerprint_after": DIGEST, "version_after": "44"}
    assert after["claims"]["way_back"] == before["claims"]["way_back"]


def test_the_completed_proof_has_a_digest_of_its_own(tmp_path: Path) -> None:
    folder = write(draft(), tmp_path).parent
    before = (folder / "SHA256SUMS").read_text()
    complete(folder, fingerprint=DIGEST, version="44", checks="1 of 1 checks", at="2026-01-02T00:00:00Z")
    digest = sha256((folder / "evidence.json").read_bytes()).hexdigest()
    assert before != (folder / "SHA256SUMS").read_text() == f"{digest}  evidence.json\n"
    assert listed(folder) == {"evidence.json", "SHA256SUMS"}


def test_the_document_says_which_bytes_were_meant(tmp_path: Path) -> None:
    assert planned(write(draft(), tmp_path).parent) == PLANNED
    assert planned(tmp_path / "elsewhere") is None
