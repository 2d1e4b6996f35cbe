"""What frames a script that cannot run in a transaction: the word before it, and the word after it.

The real tool and we write the ledger under the tool's lock. Where that lock must not be held while an index is
built, the row of a migration that has begun is the fence, and whoever wrote to the ledger meanwhile is noticed.
"""

from contextlib import nullcontext

from pipeline.errors import Busy, Failed, NeedsHuman, Refused
from pipeline.postgres.block import block, commit
from pipeline.postgres.outcomes import in_the_making
from pipeline.postgres.run import run
from pipeline.postgres.work import Work
from pipeline.postgres.worksite import Worksite, since


def announce(site: Worksite, work: Work, *, locked: bool) -> bool:
    """Commit that this script begins. True when an earlier run announced it and never came back.

    ``locked`` says that the format's lock is held already, here and below. Raises Busy, and Refused when the
    ledger is not where we left it.
    """
    label, direction = work.migration.label, work.direction
    objects = [
        name
        for statement in work.statements
        for name in in_the_making(site.session, statement.outcome, site.path)
    ]
    with nullcontext() if locked else site.format_lock():
        site.must_not_have_moved()
        resumed = site.books.attempted(label, direction)
        with site.session.connection.transaction():
            site.books.attempt(label, direction, objects)
            if not resumed:
                for command in work.before:
                    run(site.session.connection, command)
            site.look()
    return resumed


def withdraw(site: Worksite, work: Work, failure: Failed, *, locked: bool) -> None:
    """The script failed and left nothing: the ledger gets back the rows it had, and the attempt is forgotten.

    Raises NeedsHuman when somebody else is at the ledger, or was meanwhile.
    """
    label, direction = work.migration.label, work.direction
    try:
        with nullcontext() if locked else site.format_lock(), site.session.connection.transaction():
            site.must_not_have_moved()
            if work.before:
                site.books.ledger_back(label, direction)
            run(site.session.connection, site.books.attempt_over(label, direction))
            site.look()
    except (Busy, Refused) as error:
        raise NeedsHuman(
            failure.what,
            where=failure.where,
            why=f"{failure.why}\nthe ledger still says that it has begun, since {error.what}: {error.why}",
            todo="run again, or repair the ledger with its own tool",
        ) from failure


def conclude(site: Worksite, work: Work, started: float) -> None:
    """Commit that it is done. Raises NeedsHuman when the script is done but the ledger cannot say so."""
    try:
        with block(site, work, site.limits.advisory_lock, sweep=False) as transaction:
            over = site.books.attempt_over(work.migration.label, work.direction)
            commit(site, transaction, work, *site.record(work, since(started)), over)
    except (Busy, Refused, Failed) as error:
        raise NeedsHuman(
            f"{work.migration.label} has run, but the ledger does not say so: {error.what}",
            where=error.where,
            why=error.why,
            todo="run again: that it is done is read from the catalog, and only the ledger's row is written",
        ) from error
