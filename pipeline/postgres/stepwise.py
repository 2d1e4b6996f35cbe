"""A script that cannot run in a transaction, as a little state machine.

A committed *attempt*, the statement, its outcome read from the catalog, then the ledger row. A rerun after a
crash finds the attempt, asks the catalog how far it came, and goes on from there; what an interrupted build
of ours left INVALID is dropped and built again. A failure takes back its announcement.
"""

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from time import perf_counter
from typing import LiteralString

import psycopg

from pipeline.errors import Failed, Interrupted, NeedsHuman, OutcomeUnknown, PipelineError
from pipeline.postgres import announcement, locks
from pipeline.postgres.outcomes import (
    Leftover,
    Progress,
    clear_half_built,
    drop_concurrently,
    finish_detaching,
    leftovers,
    progress,
)
from pipeline.postgres.run import bound, together
from pipeline.postgres.script_errors import complaint
from pipeline.postgres.work import Part, Watch, Work
from pipeline.postgres.worksite import RETRYABLE, Worksite
from pipeline.sql.command import Command
from pipeline.sql.statements import Detach, IndexBuild, IndexDrop, Outcome, Statement, Unknown

OUTSIDE: LiteralString = """
select pg_catalog.set_config('search_path', %s, false),
       pg_catalog.set_config('statement_timeout', %s, false),
       pg_catalog.set_config('lock_timeout', '0', false)
"""
"""A lock_timeout would leave an index INVALID, so only the statement as a whole is bounded."""


def perform(site: Worksite, work: Work, watch: Watch) -> timedelta:
    """Run a script statement by statement, each on its own; nobody waits long behind such a statement.

    Raises Failed (nothing remains), NeedsHuman (half-way), OutcomeUnknown (connection lost), Interrupted (a
    signal asked us to stop).
    """
    locks.release_others(site.session)
    started = perf_counter()
    keeps = site.format.keeps_lock_during_concurrently
    with site.format_lock() if keeps else nullcontext():
        resumed = announcement.announce(site, work, locked=keeps)
        watch.begun()
        try:
            with _outside(site):
                if not resumed:
                    _beside(site, work, work.around.before)
                _statements(site, work, watch, resumed=resumed)
                _beside(site, work, work.around.after)
        except Failed as error:
            announcement.withdraw(site, work, error, locked=keeps)
            raise
        except KeyboardInterrupt as signal:
            raise _stopped(site, work) from signal
        announcement.conclude(site, work, started)
    return timedelta()


def _stopped(site: Worksite, work: Work) -> Interrupted:
    """The error for a signal in the middle: the server has ended the statement, and says how far it came."""
    known = () if site.session.connection.closed else work.statements
    half = [f"line {one.line}: {one.kind} is half done" for one in known if _is_half_done(site, one)]
    return Interrupted(
        f"stopped in the middle of {work.migration.label}",
        where=work.script.file.shown,
        why="; ".join(half) or "a signal asked us to stop",
        todo="run again: it goes on from there, and what is half done is mended first",
    )


def _is_half_done(site: Worksite, statement: Statement) -> bool:
    outcome = statement.outcome
    return outcome is not None and progress(site.session, outcome, site.path) is Progress.HALF


def aside(site: Worksite, work: Work) -> None:
    """Run a script of which no ledger knows, statement by statement. Raises Failed and OutcomeUnknown."""
    locks.release_others(site.session)
    with _outside(site):
        _beside(site, work, (Part(work.script, work.statements),))
    site.look()


def _beside(site: Worksite, work: Work, parts: Sequence[Part]) -> None:
    for part in parts:
        for statement in part.statements:
            _send_alone(site, work.of(part), statement)


@contextmanager
def _outside(site: Worksite) -> Generator[None]:
    """The script's own search_path and time limit, for the length of a block."""
    milliseconds = round(site.limits.online.total_seconds() * 1000)
    limits = Command(OUTSIDE, values=(site.path_setting, f"{milliseconds}ms"))
    together(site.session.connection, site.cleared(), bound(site.session.connection, limits))
    try:
        with site.session.patient(site.limits.online):
            yield
    finally:
        if not site.session.connection.closed:
            together(site.session.connection, site.afresh)


def _statements(site: Worksite, work: Work, watch: Watch, *, resumed: bool) -> None:
    for done, statement in enumerate(work.statements):
        try:
            _step(site, work, statement, watch, resumed=resumed)
        except Failed as error:
            if not any(_remains(earlier.outcome) for earlier in work.statements[:done]):
                raise
            raise NeedsHuman(
                error.what,
                where=error.where,
                why=f"{error.why}\nwhat the statements before it did stays",
                todo="mend the cause and run again: it goes on from there",
            ) from error


def _remains(outcome: Outcome | None) -> bool:
    """Whether a statement that is done has left something behind that a rerun must know of."""
    return isinstance(outcome, IndexBuild | IndexDrop | Detach | Unknown)


def _step(site: Worksite, work: Work, statement: Statement, watch: Watch, *, resumed: bool) -> None:
    outcome = statement.outcome
    if outcome is None:
        message = f"a transactional statement at line {statement.line} of a script that has none"
        raise PipelineError(message, where=work.script.file.shown)
    begun = progress(site.session, outcome, site.path)
    if resumed and begun is Progress.DONE:
        return
    if resumed and isinstance(outcome, Unknown):
        raise _cut_off(work, statement, outcome)
    if isinstance(outcome, IndexBuild) and begun is Progress.HALF:
        if not resumed:
            raise _not_our_leftover(work, statement, outcome)
        _clear(site, work, outcome)
        begun = Progress.NOT_BEGUN
    if resumed and isinstance(outcome, Detach) and begun is Progress.HALF:
        _finish(site, work, statement, outcome)
        return
    litter = leftovers(site.session, outcome, site.path)
    if resumed:
        _sweep(site, work, litter)
        litter = frozenset[Leftover]()
    started = perf_counter()
    try:
        rows = _send_alone(site, work, statement)
    except Failed as error:
        _after_failure(site, work, outcome, begun, error)
        _sweep(site, work, leftovers(site.session, outcome, site.path) - litter)
        raise
    if isinstance(outcome, IndexBuild) and progress(site.session, outcome, site.path) is not Progress.DONE:
        raise NeedsHuman(
            f"{work.migration.label} ran, but its index {outcome.index} is not valid",
            where=f"{work.script.file.shown}:{statement.line}",
            todo=f"look at it, drop index concurrently {outcome.index}, and run again",
        )
    watch.ran(statement, started=started, rows=rows)


def _send_alone(site: Worksite, work: Work, statement: Statement) -> int:
    try:
        return site.send(work, statement).rows
    except Failed as error:
        if not site.session.connection.closed:
            raise
        raise OutcomeUnknown(
            f"the connection was lost while {work.migration.label} ran outside a transaction",
            where=f"{work.script.file.shown}:{statement.line}",
            why=error.what,
            todo="run again: how far it came is read from the catalog",
        ) from error
    except RETRYABLE as error:
        said = complaint(error, work.script, statement)
        raise Failed(
            f"{work.migration.label} failed: {said.message}", where=said.where, why=said.why
        ) from error


def _after_failure(site: Worksite, work: Work, outcome: Outcome, begun: Progress, failure: Failed) -> None:
    """See to it that nothing of a failed statement remains, or say what does."""
    if isinstance(outcome, IndexBuild) and begun is Progress.NOT_BEGUN:
        _clear(site, work, outcome)
    if isinstance(outcome, IndexDrop | Detach) and progress(site.session, outcome, site.path) is not begun:
        raise NeedsHuman(
            failure.what,
            where=failure.where,
            why=f"{failure.why}\n{_half(outcome)}",
            todo="run again: it goes on from there",
        ) from failure


def _half(outcome: IndexDrop | Detach) -> str:
    if isinstance(outcome, Detach):
        return f"the partition {outcome.partition} is half detached: no query of {outcome.parent} sees it"
    return f"the index {outcome.index} is half dropped: no query uses it any more"


def _finish(site: Worksite, work: Work, statement: Statement, outcome: Detach) -> None:
    try:
        finish_detaching(site.session, outcome, site.path)
    except psycopg.Error as error:
        raise NeedsHuman(
            f"{work.migration.label} was cut off, and detaching {outcome.partition} cannot be finished",
            where=f"{work.script.file.shown}:{statement.line}",
            why=f"{str(error).strip()}\n{_half(outcome)}",
            todo="run again: it goes on from there",
        ) from error


def _clear(site: Worksite, work: Work, outcome: IndexBuild) -> None:
    with _dropping(work, outcome.index):
        clear_half_built(site.session, outcome, site.path)


def _sweep(site: Worksite, work: Work, litter: Collection[Leftover]) -> None:
    with _dropping(work, ", ".join(name for _, name in sorted(litter))):
        drop_concurrently(site.session, litter)


@contextmanager
def _dropping(work: Work, what: str) -> Generator[None]:
    """Drop what a broken build of ours has left. Raises NeedsHuman where that fails."""
    try:
        yield
    except psycopg.Error as error:
        raise NeedsHuman(
            f"{work.migration.label} left {what} behind, INVALID, and it cannot be dropped",
            where=work.script.file.shown,
            why=str(error).strip(),
            todo="run again once nobody holds the table: it is dropped and built anew",
        ) from error


def _not_our_leftover(work: Work, statement: Statement, outcome: IndexBuild) -> Failed:
    return Failed(
        f"{work.migration.label} failed: an INVALID index {outcome.index} is there already",
        where=f"{work.script.file.shown}:{statement.line}:{statement.column}",
        why="no run of ours left it: somebody builds it at this moment, or was cut off while building it",
        todo=f"if nobody builds it now: drop index concurrently {outcome.index}, and run again",
    )


def _cut_off(work: Work, statement: Statement, outcome: Unknown) -> NeedsHuman:
    return NeedsHuman(
        f"{work.migration.label} was cut off, and nothing tells whether {outcome.kind} has done its work",
        where=f"{work.script.file.shown}:{statement.line}:{statement.column}",
        todo=f"look at the database; once {work.migration.label} is deleted from pipeline.attempts,"
        " it runs again from its first statement",
    )
