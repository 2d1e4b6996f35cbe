"""A script of a few definitions in one message, from BEGIN to COMMIT: where there are many, the way costs most.

The server itself sees to it that all is as it must be before the script begins. What it finds amiss is told by
who asks one thing after the other: ``block``.
"""

import re
from datetime import timedelta
from typing import LiteralString, NamedTuple

import psycopg

from pipeline.postgres import locks
from pipeline.postgres.block import BEGIN, SWEPT, commit, transaction_of
from pipeline.postgres.history import unmoved
from pipeline.postgres.run import Bound, bound
from pipeline.postgres.script_errors import complaint
from pipeline.postgres.transaction import REMEMBERED
from pipeline.postgres.work import ALONE, Work
from pipeline.postgres.worksite import RETRYABLE, Worksite, failed
from pipeline.sql.batches import as_one_message
from pipeline.sql.statements import Statement

TAKEN: LiteralString = f"""
select 1 / (told.lock_timeout = %s and told.statement_timeout = %s
            and told.locked = 'true' and told.ours = 'true')::integer
  from ({SWEPT}, {REMEMBERED}) as told
"""  # noqa: S608  # literals in a literal
"""Fails where a limit of ours is not kept, or a lock is somebody else's."""


class Draft(NamedTuple):
    """All of the message but what only the answer to the last one tells."""

    script: Statement
    begin: Bound
    before: Bound | None
    record: Bound


def draft(site: Worksite, work: Work) -> Draft | None:
    """The message of a script of a few definitions behind which nobody waits; None for others."""
    script = as_one_message(work.script.sql, work.statements)
    if script is None or work.strong or work.around != ALONE:
        return None
    begin = Bound(f"/* {_plain(work.script.file.path)} */ {BEGIN.text}", BEGIN.commands)
    before = bound(site.session.connection, *work.before) if work.before else None
    return Draft(script, begin, before, site.record(work))


def at_once(site: Worksite, work: Work, drafted: Draft, wait: timedelta) -> bool:
    """Run a script of which nobody looks at the parts; False where it could not begin, and nothing was done.

    Only on a server that was seen to keep our limits. Raises as ``atomic.perform`` does.
    """
    limits = site.limits.of_a_script(wait)
    if site.kept != limits:
        return False
    connection = site.session.connection
    values = (site.path_setting, *limits.values(), site.key, locks.OURS, locks.OURS)
    taken = site.bound(TAKEN, *limits.values(), *values)
    still = bound(connection, unmoved(site.ledger, site.head))
    script = Bound(drafted.script.text, max(1, len(drafted.script.parts)))
    ahead = [part for part in (drafted.begin, taken, still, drafted.before, script) if part]
    with transaction_of(site, work) as transaction, site.session.patient(connection.patience * script.commands):
        try:
            commit(site, transaction, work, drafted.record, ahead=ahead)
        except RETRYABLE:
            raise
        except psycopg.Error as error:
            refusal = transaction.refusal
            if refusal is None:
                raise
            if refusal.bound is not script:
                return False
            said = complaint(error, work.script, drafted.script, done=refusal.done, ahead=refusal.ahead)
            raise failed(work, said) from error
    return True


def _plain(name: str) -> str:
    """A name as it may stand in a comment, in any encoding."""
    return re.sub(r"[^\w./-]", "_", name, flags=re.ASCII)
