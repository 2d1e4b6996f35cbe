"""The heartbeat of the looks for drift: a silence and a standing drift are both noticed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import Failed
from pipeline.progress import Silent
from pipeline.schema.diff import Change, Difference
from pipeline.schema.digest import fingerprint
from pipeline.schema.model import ObjectKey, Snapshot
from pipeline.steps import heartbeat
from pipeline.steps.context import Context
from pipeline.steps.deadline import Deadline
from pipeline.steps.drift import Drift
from tests.unit.config.samples import prod, project

AT = datetime(2027, 1, 31, 12, tzinfo=UTC)
SHAPE = Snapshot(objects={ObjectKey("table", "public.t"): {}})
CLEAN = Drift((), "what we left", SHAPE, SHAPE)
MOVED = replace(CLEAN, differences=(Difference(Change.ADDED, ObjectKey("table", "public.u")),))
REORDERED = replace(CLEAN, differences=(Difference(Change.REORDERED, ObjectKey("table", "public.t")),))


def context(root: Path, *, at: datetime = AT, interval: str = "drift: {interval: 6h}") -> Context:
    made = project(prod(interval), root)
    environment = made.environment("prod")
    return Context(made, environment, {}, Silent(), "r1", Deadline(environment.limits.run), at)


def leave(context: Context, drift: Drift) -> None:
    heartbeat.leave(
        context, moved=bool(drift.moved), fingerprint=fingerprint(drift.live), compared=drift.compared
    )


def watch(root: Path, *, after: timedelta) -> heartbeat.Watch:
    found = heartbeat.watch(context(root, at=AT + after))
    assert found is not None
    return found


def test_a_check_leaves_what_it_saw_and_when(tmp_path: Path) -> None:
    assert heartbeat.read(context(tmp_path)) is None
    leave(context(tmp_path), CLEAN)
    expected = heartbeat.Heartbeat(AT, AT, "as expected", fingerprint(SHAPE), 1)
    assert heartbeat.read(context(tmp_path)) == expected
    leave(context(tmp_path, at=AT + timedelta(hours=1)), MOVED)
    later = replace(expected, last=AT + timedelta(hours=1), result="drift")
    assert heartbeat.read(context(tmp_path)) == later


@pytest.mark.parametrize(
    ("hours", "alarm"), [(0, False), (6, False), (12, False), (12.1, True), (18, True), (-6, False), (-7, True)]
)
def test_it_is_an_alarm_when_the_last_good_check_is_older_than_two_intervals(
    tmp_path: Path, hours: float, alarm: bool
) -> None:
    leave(context(tmp_path), CLEAN)
    assert watch(tmp_path, after=timedelta(hours=hours)).alarm is alarm


def test_drift_that_stays_is_an_alarm_however_often_it_is_seen(tmp_path: Path) -> None:
    leave(context(tmp_path), CLEAN)
    for hours in (6, 12, 18):
        leave(context(tmp_path, at=AT + timedelta(hours=hours)), MOVED)
    found = watch(tmp_path, after=timedelta(hours=18))
    assert found.alarm
    assert "last found free of drift 18 h ago; with drift 0 s ago" in found.words


def test_a_reordering_is_no_drift(tmp_path: Path) -> None:
    leave(context(tmp_path), REORDERED)
    assert not watch(tmp_path, after=timedelta(0)).alarm


def test_no_check_at_all_and_none_that_was_good_are_alarms(tmp_path: Path) -> None:
    assert watch(tmp_path, after=timedelta(0)).alarm
    leave(context(tmp_path), MOVED)
    assert watch(tmp_path, after=timedelta(0)).alarm


def test_without_an_interval_nobody_watches(tmp_path: Path) -> None:
    assert heartbeat.watch(context(tmp_path, interval="drift: {}")) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"version": 1}', '{"version": 2}', "\x00", "null"])
def test_what_cannot_be_read_is_no_heartbeat(tmp_path: Path, content: str) -> None:
    leave(context(tmp_path), CLEAN)
    (tmp_path / ".pipeline" / "drift" / "prod.json").write_text(content)
    assert watch(tmp_path, after=timedelta(0)).alarm


def test_a_heartbeat_that_cannot_be_left_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".pipeline").mkdir()
    (tmp_path / ".pipeline" / "drift").write_text("a file, not a folder")
    with pytest.raises(Failed, match="heartbeat"):
        leave(context(tmp_path), CLEAN)
