"""One table over all environments: every migration, in the format's own word for its state; nothing hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline.formats.model import Disposition, MigrationState
from pipeline.reports.table import table


class Watched(Protocol):
    """How the watch for drift is doing."""

    @property
    def words(self) -> str:
        """That, for people."""
        ...

    @property
    def alarm(self) -> bool:
        """Whether the last good check is too long ago."""
        ...

    @property
    def good(self) -> datetime | None:
        """When that was."""
        ...


@dataclass(frozen=True)
class EnvironmentStatus:
    """The state of one environment; ``error`` says why it could not be looked at.

    ``watch`` says how long ago it was free of drift, where ``drift.interval`` asks for that.
    """

    environment: str
    shown: str
    states: tuple[MigrationState, ...] = ()
    in_flight: str | None = None
    error: str | None = None
    watch: Watched | None = None

    @property
    def version(self) -> str | None:
        """The newest applied version."""
        applied = [state.row.version for state in self.states if _is_applied(state) and state.row is not None]
        versions = [version for version in applied if version is not None]
        return versions[-1] if versions else None

    @property
    def pending(self) -> int:
        """How many migrations wait."""
        return sum(state.disposition is Disposition.PENDING for state in self.states)

    @property
    def problems(self) -> tuple[MigrationState, ...]:
        """The states that need somebody's attention."""
        return tuple(state for state in self.states if state.disposition is Disposition.PROBLEM)


def text(statuses: Sequence[EnvironmentStatus]) -> str:
    """The table, then what is wrong, in words."""
    seen = [status for status in statuses if status.error is None]
    labels = list(dict.fromkeys(_row_of(state) for status in seen for state in status.states))
    header = ["version", "name", *(status.environment for status in seen)]
    by_environment = [{_row_of(state): state.state for state in status.states} for status in seen]
    rows = [
        [version, name, *(states.get((version, name), "") for states in by_environment)]
        for version, name in labels
    ]
    lines = [table(header, rows)] if rows else ["no migrations"]
    lines += [f"{status.environment}: {status.error}" for status in statuses if status.error]
    lines += [
        f"{status.environment}: {'✗ ' if status.watch.alarm else ''}{status.watch.words}"
        for status in statuses
        if status.watch
    ]
    lines += [f"{status.environment}: {status.in_flight}" for status in seen if status.in_flight]
    lines += [
        f"{status.environment}: {state.finding.message}"
        + (f" ({state.finding.location})" if state.finding.location else "")
        for status in seen
        for state in status.problems
        if state.finding
    ]
    return "\n".join(lines)


def document(statuses: Sequence[EnvironmentStatus]) -> dict[str, object]:
    """The same as plain data."""
    return {"environments": [_environment(status) for status in statuses]}


def _is_applied(state: MigrationState) -> bool:
    return state.disposition is Disposition.APPLIED


def _row_of(state: MigrationState) -> tuple[str, str]:
    if state.migration is not None:
        return state.migration.version or "", state.migration.name
    assert state.row is not None  # noqa: S101  # a state has a file, a row, or both
    return state.row.version or "", state.row.name


def _environment(status: EnvironmentStatus) -> dict[str, object]:
    return {
        "environment": status.environment,
        "target": status.shown,
        "version": status.version,
        "pending": status.pending,
        "error": status.error,
        "in_flight": status.in_flight,
        "drift": _watch(status.watch) if status.watch else None,
        "migrations": [
            {
                "version": _row_of(state)[0] or None,
                "name": _row_of(state)[1],
                "state": state.state,
                "disposition": state.disposition.value,
                "problem": state.finding.message if state.finding else None,
            }
            for state in status.states
        ],
    }


def _watch(watch: Watched) -> dict[str, object]:
    good = watch.good.isoformat(timespec="seconds").replace("+00:00", "Z") if watch.good else None
    return {"alarm": watch.alarm, "last_good": good, "words": watch.words}
