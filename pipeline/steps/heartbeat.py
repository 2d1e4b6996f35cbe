"""Every look for drift leaves a heartbeat, so that looks which stop coming are noticed, and drift that stays.

One small file per environment in the project's state, written whole or not at all. One that cannot be read
counts as none: a silence is what this is there to notice.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict, cast

from pipeline.errors import Failed
from pipeline.steps import whole
from pipeline.steps.context import Context

VERSION = 1
MISSED = 2
"""How many intervals may pass without a good check."""

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


class _Beat(TypedDict):
    at: str
    result: str
    fingerprint: str
    objects_compared: int


@dataclass(frozen=True)
class Heartbeat:
    """When was looked for drift last (in UTC), when was none found, and what was compared then."""

    last: datetime
    good: datetime | None
    result: str
    fingerprint: str
    compared: int


@dataclass(frozen=True)
class Watch:
    """How the watch over an environment is doing: in words, and whether they are an alarm."""

    words: str
    alarm: bool
    good: datetime | None = None


def leave(context: Context, *, moved: bool, fingerprint: str, compared: int) -> Heartbeat:
    """Write down that somebody looked: whether the database had moved, the ``fingerprint`` that it has, and how
    many objects were ``compared``.

    Raises Failed where the state cannot be written.
    """
    before = read(context)
    made = Heartbeat(
        last=context.at,
        good=context.at if not moved else before.good if before else None,
        result="drift" if moved else "as expected",
        fingerprint=fingerprint,
        compared=compared,
    )
    path = _path(context)
    try:
        whole.write(path, _text(context, made).encode())
    except OSError as error:
        raise Failed(
            "the heartbeat of this check cannot be written",
            where=str(path),
            why=error.strerror or str(error),
            todo="mend that: without it, `status` takes this check for one that did not happen",
        ) from error
    return made


def read(context: Context) -> Heartbeat | None:
    """The heartbeat of the run's environment; None where there is none that can be read."""
    try:
        found = json.loads(_path(context).read_text(encoding="utf-8"))
        return _heartbeat(found) if found["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def watch(context: Context) -> Watch | None:
    """How the watch over an environment is doing; None where none is kept (no ``drift.interval``)."""
    interval = context.environment.drift.interval
    if interval is None:
        return None
    seen = read(context)
    if seen is None:
        return Watch("no check for drift has ended here yet", alarm=True)
    if seen.good is None:
        return Watch(f"every check for drift found some, the last one {_ago(context, seen.last)}", alarm=True)
    age = context.at - seen.good
    words = f"last found free of drift {_ago(context, seen.good)}"
    if seen.last > seen.good:
        words += f"; with drift {_ago(context, seen.last)}"
    if -interval <= age <= MISSED * interval:
        return Watch(words, alarm=False, good=seen.good)
    return Watch(f"{words}; one is due every {_shown(interval)}", alarm=True, good=seen.good)


def _path(context: Context) -> Path:
    return context.project.state / "drift" / f"{context.environment.name}.json"


def _text(context: Context, made: Heartbeat) -> str:
    content = {
        "version": VERSION,
        "environment": context.environment.name,
        "last": {
            "at": made.last.isoformat(),
            "result": made.result,
            "fingerprint": made.fingerprint,
            "objects_compared": made.compared,
        },
        "good": made.good.isoformat() if made.good else None,
    }
    return json.dumps(content, indent=2) + "\n"


def _heartbeat(found: dict[str, object]) -> Heartbeat:
    last = cast("_Beat", found["last"])
    good = found["good"]
    return Heartbeat(
        last=_time(last["at"]),
        good=_time(str(good)) if good is not None else None,
        result=last["result"],
        fingerprint=last["fingerprint"],
        compared=last["objects_compared"],
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _ago(context: Context, when: datetime) -> str:
    age = context.at - when
    return f"{_shown(age)} ago" if age >= timedelta() else f"{_shown(-age)} from now"


def _shown(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("s", 1))
    return f"{seconds // size} {unit}"
