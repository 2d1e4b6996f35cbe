"""``drift`` leaves a heartbeat, and ``status`` fails when it stops beating or drift stays."""

import json
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from tests.cli.conftest import Call
from tests.support.projects import SmallProject

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

HOTFIX = "ALTER TABLE people ADD COLUMN hotfix int"


def turn_back(small: SmallProject, hours: int) -> None:
    """As if that much time had passed since the last heartbeat."""
    file = small.root / ".pipeline" / "drift" / "prod.json"
    content = json.loads(file.read_text())
    then = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    file.write_text(json.dumps({**content, "last": {**content["last"], "at": then}, "good": then}))


def watch(call: Call) -> tuple[int, dict[str, object]]:
    ended = call("status", "--format", "json")
    (environment,) = cast("list[dict[str, dict[str, object]]]", ended.document["environments"])
    return ended.code, environment["drift"]


def test_status_fails_until_somebody_has_looked_and_when_nobody_does_any_more(
    call: Call, small: SmallProject
) -> None:
    small.configure(prod={"drift": {"interval": "6h"}})
    assert call("promote", "prod").code == 0
    assert call("status").code == 3
    assert call("drift", "prod").code == 0
    code, seen = watch(call)
    assert (code, seen["alarm"]) == (0, False)
    turn_back(small, 18)
    ended = call("status")
    assert ended.code == 3
    assert "prod: ✗ last found free of drift 18 h ago; one is due every 6 h" in ended.out
    assert call("drift", "prod").code == 0
    assert call("status").code == 0


def test_drift_that_stays_fails_status_although_it_is_looked_for(call: Call, small: SmallProject) -> None:
    small.configure(prod={"drift": {"interval": "6h"}})
    assert call("promote", "prod").code == 0
    assert call("drift", "prod").code == 0
    turn_back(small, 13)
    small.sql(HOTFIX)
    assert call("drift", "prod").code == 2
    code, seen = watch(call)
    assert (code, seen["alarm"]) == (3, True)
    assert "with drift" in str(seen["words"])


def test_without_an_interval_status_says_nothing_of_drift(call: Call) -> None:
    assert call("status").code == 0
    assert watch(call) == (0, None)


def test_drift_tells_what_was_made_by_hand_from_what_was_lost_and_what_is_pending(
    call: Call, small: SmallProject
) -> None:
    assert call("promote", "prod", "--to", "6").code == 0
    small.sql(f"{HOTFIX}; DROP VIEW addresses")
    found = call("drift", "prod", "--format", "json").document
    assert found["changed_by_hand"] == ["column public.people.hotfix"]
    assert found["recorded_but_absent"] == ["view public.addresses"]
    assert found["pending"] == ["7 drop fax"]
    ways = cast("dict[str, dict[str, object]]", found["ways_out"])
    assert ways["adopt"]["file"] == "migrations/V8__adopt_drift.sql"
    assert ways["back"]["may_lose_rows"] == ["ALTER TABLE public.people DROP COLUMN IF EXISTS hotfix"]
    text = call("drift", "prod").out
    assert "    ALTER TABLE public.people ADD COLUMN IF NOT EXISTS hotfix integer;" in text
    assert "! may lose rows: ALTER TABLE public.people DROP COLUMN" in text
    assert text.index("changed by hand") < text.index("hotfix") < text.index("recorded as applied")


def test_a_pin_accepts_what_is_there_and_says_what_that_was(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod").code == 0
    small.sql(f"{HOTFIX}; COMMENT ON COLUMN people.hotfix IS E'\\x1b[2Jgone'")
    found = call("drift", "prod")
    assert found.code == 2
    assert "\x1b" not in found.out
    ended = call("pin", "prod")
    assert ended.code == 0
    assert "written to environments.lock: commit it" in ended.out
    assert "✓ prod is expected to stay as it is" in ended.out
    assert "hotfix" in ended.out.partition("accepted:")[2]
    assert call("drift", "prod").code == 0
    shape = cast("dict[str, object]", call("pin", "prod", "--format", "json").document["shape"])
    assert shape["accepted"] == []


def test_pin_wants_the_environment_named(call: Call) -> None:
    assert call("pin").code == 64


def test_a_summary_in_markdown_is_added_to_a_file(call: Call, small: SmallProject) -> None:
    assert call("promote", "prod").code == 0
    summary = small.root / "summary.md"
    summary.write_text("# Earlier\n")
    small.sql('ALTER TABLE people ADD COLUMN "<b>``hotfix" int')
    assert call("drift", "prod", "--summary", str(summary)).code == 2
    said = summary.read_text()
    assert said.startswith("# Earlier\n## ✗ prod differs from what is expected of it\n")
    assert "`U8__adopt_drift" not in said
    assert "`migrations/V8__adopt_drift.sql`" in said
    assert "```sql\nALTER TABLE public.people DROP COLUMN" in said
    assert "\n<b>" not in said
