"""The six claims, from what a run has seen. What was not seen is null with its reason, never true."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from pipeline.config.sections import Budgets
from pipeline.findings import Claim, ClaimName
from pipeline.postgres.limits import Limits
from pipeline.postgres.measure import STRONG, Measured
from pipeline.steps.parity import Parity
from pipeline.steps.rehearse import Rehearsal, Rehearsed
from pipeline.steps.way_back import BOTH, Verdict

SHOWN = 2
"""How many differences are told in one line, and how many numbers in a row stay a list."""


@dataclass
class Seen:
    """What a run has seen so far; None: not reached."""

    parity: Parity | None = None
    copy_taken_at: str | None = None
    prod_moved: tuple[str, ...] | None = None
    rehearsal: Rehearsal | None = None
    prove: frozenset[str] = BOTH
    rehearsed_digest: str | None = None
    applied_digest: str | None = None
    files: int = 0
    backup: str | None = None
    backup_bytes: int = 0
    restore_seconds: float = 0.0
    end_differences: tuple[str, ...] | None = None
    checks: str | None = None
    on_memory: bool = False
    hold_limit: timedelta = timedelta(seconds=1)
    others_waited: timedelta | None = None
    excesses: Sequence[str] = field(default_factory=tuple[str, ...])
    unmeasured: str | None = None
    """Why no statement is measured; None where each one is."""


def claims(seen: Seen, *, stopped_at: str | None) -> tuple[Claim, ...]:
    """All six, in the order in which they are told; ``stopped_at`` names the step that ended the run."""
    not_reached = (
        f"not reached: the run stopped at {stopped_at}" if stopped_at else "this run does not go that far"
    )
    return (
        _same_start(seen, not_reached),
        _same_bytes(seen, not_reached),
        _safe_on_the_road(seen, not_reached),
        _way_back(seen, not_reached),
        _backup_restores(seen, not_reached),
        _same_end(seen, not_reached),
    )


def excesses(measured: Sequence[Measured], *, limits: Limits, budgets: Budgets) -> tuple[str, ...]:
    """Where the rehearsal went beyond the limits and budgets, in words."""
    hold = limits.hold.total_seconds() * 1000
    found = [
        f"{one.migration} line {one.line}: {lock.mode} on {lock.relation} held {lock.held_ms:.0f} ms"
        f" (limit {hold:.0f} ms)"
        for one in measured
        for lock in one.locks or ()
        if lock.mode in STRONG and lock.held_ms > hold
    ]
    if budgets.rewrite == "deny":
        found += [
            f"{one.migration} line {one.line}: rewrites {rewrite.relation} ({rewrite.rows} rows)"
            for one in measured
            for rewrite in one.rewrites
            if rewrite.rows >= budgets.min_rows
        ]
    wal = sum(one.wal_bytes for one in measured)
    if wal > budgets.wal:
        found.append(f"writes {wal} bytes of WAL (budget {budgets.wal})")
    duration = sum(one.duration_ms for one in measured)
    if duration > budgets.duration.total_seconds() * 1000:
        found.append(f"takes {duration / 1000:.0f} s (budget {budgets.duration.total_seconds():.0f} s)")
    return tuple(found)


def all_measured(rehearsal: Rehearsal) -> tuple[Measured, ...]:
    """Every statement of a rehearsal, in order."""
    return tuple(one for migration in rehearsal.migrations for one in migration.measured)


def _same_start(seen: Seen, not_reached: str) -> Claim:
    name = ClaimName.SAME_START
    detail: dict[str, object] = {"copy_taken_at": seen.copy_taken_at, "probes": []}
    if seen.parity is not None and not seen.parity.equal:
        differences = seen.parity.differences
        return Claim(
            name,
            holds=False,
            summary="the copy differs from the original",
            reason="; ".join(differences[:5]),
            detail=detail,
        )
    if seen.prod_moved:
        return Claim(
            name,
            holds=False,
            summary="it moved since it was copied",
            reason="; ".join(seen.prod_moved[:5]),
            detail=detail,
        )
    if seen.parity is None or seen.prod_moved is None:
        return Claim(name, holds=None, summary="not examined to the end", reason=not_reached, detail=detail)
    return Claim(name, holds=True, summary=f"copy of {seen.copy_taken_at}; unmoved since", detail=detail)


def _same_bytes(seen: Seen, not_reached: str) -> Claim:
    name = ClaimName.SAME_BYTES
    detail = {"rehearsed": seen.rehearsed_digest, "applied": seen.applied_digest}
    if seen.rehearsed_digest is None or seen.applied_digest is None:
        return Claim(name, holds=None, summary="nothing was applied", reason=not_reached, detail=detail)
    if seen.rehearsed_digest != seen.applied_digest:
        return Claim(
            name, holds=False, summary="other bytes than rehearsed", reason="digests differ", detail=detail
        )
    return Claim(name, holds=True, summary=f"{seen.files} migrations", detail=detail)


def _safe_on_the_road(seen: Seen, not_reached: str) -> Claim:
    name = ClaimName.SAFE_ON_THE_ROAD
    if seen.unmeasured is not None:
        return Claim(name, holds=None, summary="not measured", reason=seen.unmeasured)
    if seen.rehearsal is None or seen.rehearsal.end is None:
        return Claim(name, holds=None, summary="not measured", reason=not_reached)
    measured = all_measured(seen.rehearsal)
    detail: Mapping[str, object] = {
        "statements": [_statement(one) for one in measured],
        "others_waited_ms": _milliseconds(seen.others_waited),
        "durations_are_lower_bounds": seen.on_memory,
    }
    if seen.excesses:
        return Claim(
            name, holds=False, summary="beyond the limits", reason="; ".join(seen.excesses), detail=detail
        )
    return Claim(name, holds=True, summary=_road(seen, measured), detail=detail)


def _road(seen: Seen, measured: Sequence[Measured]) -> str:
    strong = [
        (lock.held_ms, lock.relation) for one in measured for lock in one.locks or () if lock.mode in STRONG
    ]
    rewrites = sum(len(one.rewrites) for one in measured)
    wal = sum(one.wal_bytes for one in measured)
    limit = seen.hold_limit.total_seconds()
    longest = (
        f"longest hold {max(strong)[0]:.0f} ms on {max(strong)[1]} (limit {limit:g} s)"
        if strong
        else "nobody had to wait"
    )
    bound = "; durations on a memory disk: lower bounds" if seen.on_memory else ""
    if seen.others_waited:
        longest += f"; others waited ≤ {_milliseconds(seen.others_waited):g} ms"
    return f"{longest}; {rewrites} rewrites; {wal / 1024:.0f} KiB of WAL{bound}"


def _milliseconds(duration: timedelta | None) -> float | None:
    return None if duration is None else round(duration.total_seconds() * 1000, 1)


def _statement(one: Measured) -> dict[str, object]:
    return {**asdict(one), "duration_ms": round(one.duration_ms, 2)}


def _way_back(seen: Seen, not_reached: str) -> Claim:
    name = ClaimName.WAY_BACK
    if seen.rehearsal is None:
        return Claim(name, holds=None, summary="not rehearsed", reason=not_reached)
    played = seen.rehearsal.migrations
    detail: dict[str, object] = {
        "point_of_no_return": _point_of_no_return(played),
        "migrations": [
            {
                "version": one.migration.label,
                "verdict": one.way_back.verdict.value,
                "differences": list(one.way_back.differences),
            }
            for one in played
        ],
    }
    bad = [_told(one) for one in played if not one.way_back.verdict.passes]
    if bad:
        return Claim(name, holds=False, summary="there is none", reason="; ".join(bad), detail=detail)
    if seen.rehearsal.end is None:
        return Claim(name, holds=None, summary="not rehearsed to the end", reason=not_reached, detail=detail)
    if seen.prove != BOTH:
        reason = f"rollback.prove leaves out: {', '.join(sorted(BOTH - seen.prove))}"
        return Claim(name, holds=None, summary="not proved in full", reason=reason, detail=detail)
    return Claim(name, holds=True, summary=_ways(played), detail=detail)


def _point_of_no_return(played: Sequence[Rehearsed]) -> str | None:
    """The first migration that cannot be taken back; up to it, there is a way back to the start."""
    irreversible = (one for one in played if one.way_back.verdict is Verdict.IRREVERSIBLE)
    return next((one.migration.label for one in irreversible), None)


def _ways(played: Sequence[Rehearsed]) -> str:
    parts = [
        f"{_ranges([one.migration.label for one in played if one.way_back.verdict is verdict])} {verdict}"
        for verdict in (Verdict.EXACT, Verdict.ORDER_ONLY)
        if any(one.way_back.verdict is verdict for one in played)
    ]
    parts += [_told(one) for one in played if one.way_back.verdict is Verdict.IRREVERSIBLE]
    point = _point_of_no_return(played)
    return "; ".join(parts) + (f": NO RETURN ONCE {point} BEGINS" if point else "")


def _told(one: Rehearsed) -> str:
    differences = "; ".join(one.way_back.differences[:SHOWN])
    return f"{one.migration.label} {one.way_back.verdict}" + (f" ({differences})" if differences else "")


def _ranges(labels: Sequence[str]) -> str:
    """Labels for people: three or more whole numbers in a row are told by the first and the last."""
    runs: list[list[str]] = []
    for label in labels:
        last = runs[-1][-1] if runs else ""
        if label.isdecimal() and last.isdecimal() and int(label) == int(last) + 1:
            runs[-1].append(label)
        else:
            runs.append([label])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > SHOWN else ", ".join(run) for run in runs)


def _backup_restores(seen: Seen, not_reached: str) -> Claim:
    name = ClaimName.BACKUP_RESTORES
    if seen.parity is None or seen.backup is None:
        return Claim(name, holds=None, summary="no backup was restored", reason=not_reached)
    detail: dict[str, object] = {
        "backup": seen.backup,
        "bytes": seen.backup_bytes,
        "restore_seconds": round(seen.restore_seconds, 2),
        "tables_compared": seen.parity.tables_compared,
        "rows_compared": seen.parity.rows_compared,
    }
    if not seen.parity.restored:
        reason = "; ".join((*seen.parity.schema, *seen.parity.rows)[:5])
        return Claim(name, holds=False, summary="what came back differs", reason=reason, detail=detail)
    words = (
        f"{seen.backup_bytes / 1024:.0f} KiB in {seen.restore_seconds:.1f} s,"
        f" {seen.parity.tables_compared} tables, {seen.parity.rows_compared:,} rows equal"
    )
    return Claim(name, holds=True, summary=words, detail=detail)


def _same_end(seen: Seen, not_reached: str) -> Claim:
    name = ClaimName.SAME_END
    if seen.end_differences is None:
        return Claim(name, holds=None, summary="not reached", reason=not_reached)
    detail = {"differences": list(seen.end_differences), "checks": seen.checks}
    if seen.end_differences:
        return Claim(
            name,
            holds=False,
            summary="it ended elsewhere",
            reason="; ".join(seen.end_differences[:5]),
            detail=detail,
        )
    return Claim(name, holds=True, summary=f"equal to the rehearsal's; {seen.checks}", detail=detail)
