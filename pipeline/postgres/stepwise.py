"""A script that cannot run in a transaction, as a little state machine.

A committed *attempt*, the statement, its outcome read from the catalog, then the ledger row. A rerun after a
crash finds the attempt, asks the catalog how far it came, and goes on from there; what an interrupted build
of ours left INVALID is dropped and built again. A failure takes back its announcement.
"""

from contextlib import nullcontext
from time import perf_counter
from typing import LiteralString

import psycopg

from pipeline.errors import Failed, NeedsHuman, OutcomeUnknown, PipelineError
from pipeline.postgres.outcomes import Progress, clear_half_built, progress
from pipeline.postgres.run import one, run
from pipeline.postgres.script_errors import complaint
from pipeline.postgres.transaction import Transaction
from pipeline.postgres.work import Watch, Work
from pipeline.postgres.worksite import RETRYABLE, Worksite
from pipeline.sql.statements import IndexBuild, IndexDrop, Statement

OUTSIDE: LiteralString = """
select pg_catalog.set_config('search_path', %s, false),
       pg_catalog.set_config('statement_timeout', %s, false)
"""
"""No lock_timeout here: it would leave an index INVALID, so only the statement as a whole is bounded."""


def perform(site: Worksite, work: Work, watch: Watch) -> None:
    """Run a script statement by statement, each on its own.

    Raises Failed (nothing remains), NeedsHuman (half-way), OutcomeUnknown (connection lost).
    """
    started = perf_counter()
    keeps = site.format.keeps_lock_during_concurrently
    with site.format_lock() if keeps else nullcontext():
        resumed = _announce(site, work, locked=keeps)
        watch.begun()
        one(
            site.session.connection,
            OUTSIDE,
            [site.path_setting, f"{round(site.limits.online.total_seconds() * 1000)}ms"],
        )
        try:
            for statement in work.statements:
                _step(site, work, statement, watch, resumed=resumed)
        except Failed:
            _withdraw(site, work, locked=keeps)
            raise
        finally:
            if not site.session.connection.closed:
                one(site.session.connection, OUTSIDE, ["", "0"])
        _conclude(site, work, started, locked=keeps)


def _announce(site: Worksite, work: Work, *, locked: bool) -> bool:
    """Commit that this script begins. True when an earlier run announced it and never came back."""
    with nullcontext() if locked else site.format_lock():
        site.must_not_have_moved()
        objects = [
            statement.outcome.index
            for statement in work.statements
            if isinstance(statement.outcome, IndexBuild | IndexDrop)
        ]
        resumed = site.books.attempted(work.migration.label, work.direction)
        with site.session.connection.transaction():
            if not resumed:
                for command in work.before:
                    run(site.session.connection, command)
            site.books.attempt(work.migration.label, work.direction, objects)
            site.look()
    return resumed


def _step(site: Worksite, work: Work, statement: Statement, watch: Watch, *, resumed: bool) -> None:
    outcome = statement.outcome
    if outcome is None:
        message = f"a transactional statement at line {statement.line} of a script that has none"
        raise PipelineError(message, where=work.script.file.shown)
    begun = progress(site.session, outcome, site.path)
    if resumed and begun is Progress.DONE:
        return
    if resumed and begun is Progress.HALF and isinstance(outcome, IndexBuild):
        clear_half_built(site.session, outcome, site.path)
    started = perf_counter()
    try:
        rows = _send_alone(site, work, statement)
    except Failed:
        if begun is Progress.NOT_BEGUN and isinstance(outcome, IndexBuild):
            _clean_up(site, work, outcome)
        raise
    reached = progress(site.session, outcome, site.path)
    if isinstance(outcome, IndexBuild) and reached is not Progress.DONE:
        raise NeedsHuman(
            f"{work.migration.label} ran, but its index {outcome.index} is not valid",
            where=f"{work.script.file.shown}:{statement.line}",
            todo=f"look at it, drop index concurrently {outcome.index}, and run again",
        )
    watch.ran(statement, started=started, rows=rows)


def _send_alone(site: Worksite, work: Work, statement: Statement) -> int:
    try:
        return site.send(work, statement)
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


def _clean_up(site: Worksite, work: Work, outcome: IndexBuild) -> None:
    try:
        clear_half_built(site.session, outcome, site.path)
    except psycopg.Error as error:
        raise NeedsHuman(
            f"{work.migration.label} failed and left the INVALID index {outcome.index} behind",
            where=work.script.file.shown,
            why=str(error).strip(),
            todo=f"drop index concurrently {outcome.index}, mend the cause, and run again",
        ) from error


def _withdraw(site: Worksite, work: Work, *, locked: bool) -> None:
    """The script failed and left nothing: take back what announced it."""
    with nullcontext() if locked else site.format_lock(), site.session.connection.transaction():
        if work.before:
            for command in work.take_back:
                run(site.session.connection, command)
        site.books.attempt_over(work.migration.label, work.direction)
        site.look()


def _conclude(site: Worksite, work: Work, started: float, *, locked: bool) -> None:
    with nullcontext() if locked else site.format_lock():
        site.must_not_have_moved()
        with Transaction(site.session) as transaction:
            site.session.connection.execute("begin")
            site.record(work, started)
            site.books.attempt_over(work.migration.label, work.direction)
            transaction.commit()
