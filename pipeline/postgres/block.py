"""The transaction block of a script: what is asked for with BEGIN, and what is written with COMMIT.

The block holds the format's lock and our own to its end, whatever the script does to its session. A script that
ended the block, or let go of our lock, is noticed in the very message that would have committed it.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import LiteralString

import psycopg
from psycopg import errors

from pipeline.errors import Failed, NeedsHuman, PipelineError
from pipeline.postgres import locks
from pipeline.postgres.books import CALL
from pipeline.postgres.connect import must_be_in_force
from pipeline.postgres.history import head_of
from pipeline.postgres.message import rows_of
from pipeline.postgres.run import Bound, bound, together
from pipeline.postgres.transaction import Transaction
from pipeline.postgres.work import Work
from pipeline.postgres.worksite import RETRYABLE, Worksite
from pipeline.sql.command import Command
from pipeline.sql.statements import Statement

BEGIN = Bound("begin")
PROLOGUE: LiteralString = f"""
select pg_catalog.set_config('search_path', %s, true),
       pg_catalog.set_config('lock_timeout', %s, true) as lock_timeout,
       pg_catalog.set_config('statement_timeout', %s, true) as statement_timeout,
       {locks.TAKE}
"""
SWEPT: LiteralString = f"{PROLOGUE}, {locks.SWEEP}"


@contextmanager
def block(site: Worksite, work: Work, wait: timedelta, *, sweep: bool = True) -> Generator[Transaction]:
    """A transaction for a script, in which each wait for a table lock is as short as ``wait``.

    ``sweep`` releases the advisory locks that earlier scripts have left to the session. Raises Busy where
    somebody else holds the format's lock or has got ours, Refused where the ledger is not where we left it.
    """
    with transaction_of(site, work) as transaction:
        _begin(site, transaction, wait, sweep=sweep)
        yield transaction


def transaction_of(site: Worksite, work: Work) -> Transaction:
    """The transaction of a script, which only our record of it can tell from others."""
    label = work.migration.label
    record = None if work.direction == CALL else site.books.is_applied(label, work.direction)
    return Transaction(site.session, label, work.script.file.shown, record)


def _begin(site: Worksite, transaction: Transaction, wait: timedelta, *, sweep: bool) -> None:
    """BEGIN, our limits, the locks, the transaction's number, the ledger's head: asked for in one go."""
    connection = site.session.connection

    def begun() -> bool:
        try:
            *_, answer, head = together(connection, BEGIN, site.cleared(), prologue, site.ask_head)
        except errors.UndefinedTable:
            site.must_be_at(())
            raise
        (told,) = rows_of(answer)
        for name, asked in limits.items():
            must_be_in_force(site.session.target, name, asked, told[name])
        if told["ours"] == "false":
            connection.execute("rollback")
            raise locks.busy(site.session, locks.OURS, deadline=timedelta(), what="our own lock")
        if told["locked"] == "false":
            connection.execute("rollback")
            return False
        site.must_be_at(head_of(rows_of(head)))
        transaction.number = told["number"]
        site.kept = limits
        return True

    limits = site.limits.of_a_script(wait)
    values = (site.path_setting, *limits.values(), site.key, locks.OURS)
    prologue = site.bound(SWEPT, *values, locks.OURS) if sweep else site.bound(PROLOGUE, *values)
    if not locks.poll(begun, deadline=site.limits.advisory_lock):
        raise locks.busy(site.session, site.key, deadline=site.limits.advisory_lock, what=site.lock_name)


def commit(site: Worksite, transaction: Transaction, work: Work, *rows: Command) -> None:
    """Write ``rows`` on a session that is ours again, and COMMIT, in one message.

    Raises Failed when they cannot be written or the script released our lock, NeedsHuman when it ended the
    block, and as ``Transaction.commit`` does; errors that mean "try again" pass as they are.
    """
    connection = site.session.connection
    inside = bound(connection, transaction.still_inside)
    ours = bound(connection, locks.STILL_OURS)
    try:
        *_, head = transaction.commit(inside, site.afresh, bound(connection, *rows), ours, site.ask_head)
    except psycopg.Error as error:
        refused = transaction.refusal and transaction.refusal.bound
        if transaction.ended or refused is inside:
            raise ended_early(work) from error
        if refused is None or isinstance(error, RETRYABLE):
            raise
        raise (_released(work) if refused is ours else _unwritable(site, work, error)) from error
    site.head = head_of(rows_of(head))


def ended_early(work: Work, statement: Statement | None = None) -> NeedsHuman:
    """The error for a script that ended the transaction in which it ran."""
    line = f":{statement.line}" if statement else ""
    return NeedsHuman(
        f"{work.migration.label} ended the transaction it ran in",
        where=f"{work.script.file.shown}{line}",
        why="what ran before a COMMIT stays, what ran before a ROLLBACK is gone, and the ledger has no row",
        todo="take BEGIN, COMMIT and ROLLBACK out of the file, and undo by hand what it left behind",
    )


def _released(work: Work) -> PipelineError:
    return Failed(
        f"{work.migration.label} released our lock",
        where=work.script.file.shown,
        why="a script must not call pg_advisory_unlock_all or DISCARD ALL; it was rolled back",
    )


def _unwritable(site: Worksite, work: Work, error: psycopg.Error) -> PipelineError:
    return Failed(
        f"{work.migration.label} ran, but its row in the ledger cannot be written",
        where=".".join(site.ledger.table),
        why=str(error).strip(),
        todo="it was rolled back; the role needs to write this table and the schema pipeline",
    )
