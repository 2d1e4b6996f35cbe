"""What differs from what was expected, by what it means, and what is no drift."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.findings import Finding, Severity
from pipeline.reports import differences
from pipeline.schema.diff import Difference
from pipeline.schema.words import visible

SHOWN = 30
"""How many lines of a way out are shown in text."""


class Way(Protocol):
    """A proved way out."""

    @property
    def sql(self) -> str:
        """Its statements."""
        ...

    @property
    def loses(self) -> Sequence[str]:
        """Those of them that may lose rows."""
        ...

    @property
    def file(self) -> str | None:
        """Where a migration belongs."""
        ...


class Ways(Protocol):
    """Both ways out of drift, as far as they are proved."""

    @property
    def back(self) -> Way | None:
        """Back to what is expected."""
        ...

    @property
    def adopt(self) -> Way | None:
        """A migration that makes the change everywhere."""
        ...

    @property
    def reasons(self) -> Sequence[str]:
        """Why there is none."""
        ...


class Drifted(Protocol):
    """What a report of drift is made of."""

    @property
    def moved(self) -> Sequence[Difference]:
        """The differences that count."""
        ...

    @property
    def hotfixes(self) -> Sequence[Difference]:
        """What no recorded migration made so."""
        ...

    @property
    def absent(self) -> Sequence[Difference]:
        """What is recorded and not there."""
        ...

    @property
    def soft(self) -> Sequence[Difference]:
        """What is told and fails nothing."""
        ...

    @property
    def settings(self) -> Sequence[Difference]:
        """Settings that differ: told, and fail nothing."""
        ...

    @property
    def pending(self) -> Sequence[str]:
        """What is yet to be applied."""
        ...

    @property
    def ignored(self) -> Sequence[Finding]:
        """What the rules of ``drift.ignore`` did."""
        ...

    @property
    def ways(self) -> Ways | None:
        """The ways out of what moved."""
        ...

    @property
    def source(self) -> str:
        """Where the expectation comes from."""
        ...

    @property
    def compared(self) -> int:
        """How many objects were compared."""
        ...


def text(drift: Drifted, *, environment: str) -> str:
    """The verdict, then each difference on a line, by what it means."""
    return "\n".join(_lines(drift, environment))


def _lines(drift: Drifted, environment: str) -> Iterator[str]:
    if drift.moved:
        yield f"✗ {environment} differs from what is expected of it ({drift.source})"
    else:
        yield f"✓ {environment} is as expected: {drift.compared} objects compared ({drift.source})"
    for heading, found in (
        ("changed by hand: no recorded migration made it so", drift.hotfixes),
        ("recorded as applied, and not there", drift.absent),
    ):
        if found:
            yield f"{heading}:"
            yield from _indented(differences.text(found))
    yield from differences.text([*drift.soft, *drift.settings]).splitlines()
    if drift.pending:
        yield f"pending, no drift: {', '.join(drift.pending)}"
    if drift.ways is not None:
        yield from _ways(drift.ways, environment)
    for finding in drift.ignored:
        mark = "!" if finding.severity is Severity.WARNING else "·"
        yield f"{mark} {finding.message}" + (f"; {finding.hint}" if finding.hint else "")


def markdown(drift: Drifted, *, environment: str) -> str:
    """The same for the summary of a job or a comment on a pull request."""
    return "\n\n".join(_blocks(drift, environment)) + "\n"


def _blocks(drift: Drifted, environment: str) -> Iterator[str]:
    if drift.moved:
        yield f"## ✗ {environment} differs from what is expected of it"
    else:
        yield f"## ✓ {environment} is as expected"
    yield f"{drift.compared} objects compared; expected is {drift.source}."
    if drift.moved:
        yield differences.markdown(drift.moved)
    if soft := [*drift.soft, *drift.settings]:
        yield "## Told, and failing nothing"
        yield differences.markdown(soft)
    if drift.ways is not None:
        if drift.ways.back is not None:
            yield f"## Way back, proved on a throwaway: run by hand in {environment}"
            yield differences.fenced(drift.ways.back.sql)
        if drift.ways.adopt is not None:
            file = differences.code(drift.ways.adopt.file or "")
            yield f"## Or adopt it: save as {file}, `pipeline pin {environment}`, then promote"
            yield differences.fenced(drift.ways.adopt.sql)
        for reason in drift.ways.reasons:
            yield f"- to be mended by hand: {differences.code(reason)}"


def _ways(ways: Ways, environment: str) -> Iterator[str]:
    if ways.back is not None:
        yield f"way back, proved on a throwaway: run by hand in {environment}"
        yield from _sql(ways.back)
    if ways.adopt is not None:
        yield f"or adopt it, proved too: save as {ways.adopt.file}, `pipeline pin {environment}`, then promote"
        yield from _sql(ways.adopt)
    for reason in ways.reasons:
        yield f"to be mended by hand: {reason}"


def _sql(way: Way) -> Iterator[str]:
    lines = way.sql.rstrip("\n").split("\n")
    yield from (f"    {_printable(line)}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"    … {len(lines) - SHOWN} more lines: `--format json` has them all"
    for statement in way.loses:
        yield f"    ! may lose rows: {_printable(statement)}"


def _printable(line: str) -> str:
    """A line of SQL that moves no cursor, whatever names and comments hold; JSON has it as it is."""
    return "\t".join(visible(part) for part in line.split("\t"))


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in text.splitlines())


def document(drift: Drifted, *, environment: str) -> dict[str, object]:
    """The same as plain data."""
    return {
        "environment": environment,
        "differs": bool(drift.moved),
        "expected_from": drift.source,
        "objects_compared": drift.compared,
        "differences": differences.document([*drift.moved, *drift.soft]),
        "changed_by_hand": [_name(one) for one in drift.hotfixes],
        "recorded_but_absent": [_name(one) for one in drift.absent],
        "settings": differences.document(drift.settings),
        "pending": list(drift.pending),
        "ways_out": _ways_document(drift.ways) if drift.ways else None,
        "ignore": [
            {"severity": one.severity.value, "message": one.message, "hint": one.hint} for one in drift.ignored
        ],
    }


def _ways_document(ways: Ways) -> dict[str, object]:
    return {
        "back": _way_document(ways.back) if ways.back else None,
        "adopt": _way_document(ways.adopt) if ways.adopt else None,
        "reasons": list(ways.reasons),
    }


def _way_document(way: Way) -> dict[str, object]:
    return {"sql": way.sql, "may_lose_rows": list(way.loses), "file": way.file}


def _name(one: Difference) -> str:
    return f"{one.key.kind} {one.key.name}"
