"""A script of a few definitions in one message, from BEGIN to COMMIT: where there are many, the way costs most.

The server itself sees to it that all is as it must be before the script begins. What it finds amiss is told by
who asks one thing after the other: ``block``.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import LiteralString, NamedTuple

import psycopg

from pipeline.postgres import locks
from pipeline.postgres.block import SWEPT, ended_early, transaction_of
from pipeline.postgres.history import head_of, unmoved
from pipeline.postgres.message import rows_of
from pipeline.postgres.run import Bound
from pipeline.postgres.script_errors import complaint
from pipeline.postgres.transaction import REMEMBERED, STILL_INSIDE
from pipeline.postgres.work import ALONE, Work
from pipeline.postgres.worksite import RETRYABLE, Worksite, failed
from pipeline.sql.batches import as_one_message
from pipeline.sql.command import ByServer, Command
from pipeline.sql.statements import Statement

BEGIN = Bound("begin; discard temp", commands=2)
"""Unlike ``Worksite.cleared``, it leaves us what we have prepared."""
TAKEN: LiteralString = f"""
select 1 / (told.lock_timeout = %s and told.statement_timeout = %s
            and told.locked = 'true' and told.ours = 'true')::integer
  from ({SWEPT}, {REMEMBERED}) as told
"""  # noqa: S608  # literals in a literal
"""Fails where a limit of ours is not kept, or a lock is somebody else's."""


class Draft(NamedTuple):
    """All of the message but what only the answer to the last one tells; ``limits`` are those it asks for."""

    statement: Statement
    limits: Mapping[str, str]
    comment: Bound
    taken: Bound
    before: Bound
    script: Bound
    inside: Bound
    record: Bound


def draft(site: Worksite, work: Work) -> Draft | None:
    """The message of a script of a few definitions behind which nobody waits; None for others."""
    statement = as_one_message(work.script.sql, work.statements)
    if statement is None or work.strong or work.around != ALONE:
        return None
    prepared, limits = site.prepared, site.limits.of_a_script(site.limits.first_wait)
    asked = (*limits.values(), site.path_setting, *limits.values(), site.key, locks.OURS, locks.OURS)
    return Draft(
        statement,
        limits,
        comment=Bound(f"/* {_plain(work.script.file.path)} */", commands=0),
        taken=prepared.bound(Command(TAKEN, values=asked)),
        before=prepared.bound(*work.before),
        script=Bound(statement.text, max(1, len(statement.parts))),
        inside=prepared.bound(Command(STILL_INSIDE, values=(None,))),
        record=prepared.bound(*site.record(work, ByServer.ELAPSED), locks.STILL_OURS, site.ledger.head),
    )


def at_once(site: Worksite, work: Work, drafted: Draft, wait: timedelta) -> bool:
    """Run a script of which nobody looks at the parts; False where that was not to be, and nothing was done.

    Only with the limits of a first try, on a server that was seen to keep them. Raises as ``atomic.perform``
    does.
    """
    if not site.limits.of_a_script(wait) == drafted.limits == site.kept:
        return False
    unmoved_yet = site.prepared.bound(unmoved(site.ledger, site.head))
    prepare, script = site.prepared.introduction(), drafted.script
    ahead = (drafted.comment, *prepare, BEGIN, drafted.taken, unmoved_yet, drafted.before)
    patience = site.session.connection.patience * script.commands
    with transaction_of(site, work) as transaction, site.session.patient(patience):
        try:
            *_, head = transaction.commit(*ahead, script, drafted.inside, site.afresh, drafted.record)
        except psycopg.Error as error:
            refusal = transaction.refusal
            if refusal is None or isinstance(error, RETRYABLE):
                raise
            if transaction.ended:
                raise ended_early(work) from error
            if refusal.bound is not script:
                return False
            said = complaint(error, work.script, drafted.statement, done=refusal.done, ahead=refusal.ahead)
            raise failed(work, said) from error
    site.head = head_of(rows_of(head))
    return True


def _plain(name: str) -> str:
    """A name as it may stand in a comment, in any encoding."""
    return re.sub(r"[^\w./-]", "_", name, flags=re.ASCII)
