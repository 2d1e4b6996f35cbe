"""What every refusal must keep: exit 3, a prod untouched to the last row, and a folder that says so."""

import json
from collections.abc import Callable

from pipeline.errors import ExitCode
from pipeline.findings import ClaimName
from pipeline.proof import Evidence, Outcome
from pipeline.reports.screen import screen
from tests.support.projects import At, SmallProject, everything, promote


def refusal(small: SmallProject, *, listener: At | None = None, to: str | None = None) -> Evidence:
    """Promote, and insist that it was refused as a refusal must be; returns what it said."""
    return stopped(small, ExitCode.REFUSED, Outcome.REFUSED, listener=listener, to=to)


def stopped(
    small: SmallProject,
    code: ExitCode,
    outcome: Outcome,
    *,
    listener: At | None = None,
    to: str | None = None,
) -> Evidence:
    """Promote, and insist on how it ended; prod is as it was, or as the listener left it."""
    listener = listener or At()
    before = {"state": everything(small.admin)}

    def and_look_again(act: Callable[[], None]) -> Callable[[], None]:
        def both() -> None:
            act()
            before["state"] = everything(small.admin)

        return both

    listener.moments = {name: and_look_again(act) for name, act in listener.moments.items()}
    made = promote(small, to=to, listener=listener)
    assert (made.outcome, made.exit_code) == (outcome, code), made.stopped
    assert everything(small.admin) == before["state"]
    assert made.stopped is not None
    assert not made.stopped.target_touched
    assert "PROD IS UNCHANGED" in screen(made, document=None)
    _must_be_on_file(small, made)
    return made


def _must_be_on_file(small: SmallProject, made: Evidence) -> None:
    written = json.loads((small.evidence / made.run_id / "evidence.json").read_text())
    assert written["stopped"]["what"]
    assert written["stopped"]["target_touched"] is False
    for name in ClaimName:
        claim = written["claims"][name.value]
        assert claim["holds"] is True or claim["reason"], name


def said(made: Evidence) -> str:
    """All that a refusal says, on one string."""
    assert made.stopped is not None
    parts = (made.stopped.what, made.stopped.where, made.stopped.why, made.stopped.todo)
    return " | ".join(part for part in parts if part)
