"""A transactional script: its statements, its ledger row and our record commit together or not at all.

Waiting for a table lock makes everybody behind us wait, so each wait is short; between two tries others get
through.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from typing import LiteralString

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from pipeline.errors import Busy
from pipeline.postgres import others
from pipeline.postgres.at_once import Draft, at_once
from pipeline.postgres.block import block, commit, ended_early
from pipeline.postgres.hold import Hold
from pipeline.postgres.run import one, run
from pipeline.postgres.sending import Answer
from pipeline.postgres.work import Watch, Work
from pipeline.postgres.worksite import RETRYABLE, Worksite, since
from pipeline.sql.batches import in_messages
from pipeline.sql.statements import Statement

STEPS_TO_LAST_WAIT = 4
DEADLOCK_TIMEOUT: LiteralString = "select setting from pg_catalog.pg_settings where name = 'deadlock_timeout'"
TO_YIELD = timedelta(seconds=1)
"""What autovacuum is given to end itself."""


def perform(site: Worksite, work: Work, watch: Watch, drafted: Draft | None = None) -> timedelta:
    """Run a transactional script; how long somebody may have waited behind it, who came at the worst moment.

    One that is ``drafted`` as one message goes at once, where nobody looks on.

    Raises Failed (rolled back), Busy (a lock stayed taken; says by whom), OutcomeUnknown (lost at COMMIT),
    NeedsHuman (the script itself ended the transaction), Refused (the ledger is not where we left it).
    """
    queues: list[timedelta] = []
    drafted = None if watch.closely else drafted

    def act(wait: timedelta) -> None:
        if drafted is None or not at_once(site, work, drafted, wait):
            _atomically(site, work, watch, wait, queues)

    with _head_moved_only_by_commit(site):
        _try_again(site, act, queues)
    return max(queues, default=timedelta())


def aside(site: Worksite, work: Work) -> None:
    """Run a script of which no ledger knows, in a transaction of its own. Raises as ``perform`` does."""
    with _head_moved_only_by_commit(site):
        _try_again(site, lambda wait: _aside(site, work, wait))


@contextmanager
def _head_moved_only_by_commit(site: Worksite) -> Generator[None]:
    """Remember the ledger as it was where the block does not come to its end."""
    head = site.head
    try:
        yield
    except BaseException:
        site.head = head
        raise


def _aside(site: Worksite, work: Work, wait: timedelta) -> None:
    with block(site, work, wait) as transaction:
        _beside(site, work)
        commit(site, transaction, work)


def _atomically(site: Worksite, work: Work, watch: Watch, wait: timedelta, queues: list[timedelta]) -> None:
    """One try; adds to ``queues`` how long others may have waited behind it."""
    hold = Hold(site, work, wait)
    try:
        with block(site, work, wait) as transaction:
            started = perf_counter()
            for command in work.before:
                run(site.session.connection, command)
            watch.begun()
            for part in work.around.before:
                _beside(site, work.of(part))
            _statements(site, work, watch, hold)
            for part in work.around.after:
                _beside(site, work.of(part))
            commit(site, transaction, work, *site.record(work, since(started)))
    finally:
        queues.append(hold.lasted)


def _statements(site: Worksite, work: Work, watch: Watch, hold: Hold) -> None:
    changed = False
    for index, statement in enumerate(_messages(work, watch)):
        started = perf_counter()
        try:
            hold.lock(index)
            answer = hold.send(statement)
        except RETRYABLE as error:
            if changed:
                raise _changed_rows(site, work, statement) from error
            raise
        _must_be_inside(site, work, statement, answer)
        watch.ran(statement, started=started, rows=answer.rows)
        changed = changed or answer.changed_rows


def _messages(work: Work, watch: Watch) -> Iterable[Statement]:
    """What is sent at a time: each statement, unless nobody looks at it or waits behind it."""
    if watch.closely or work.strong:
        return work.statements
    return in_messages(work.script.sql, work.statements)


def _beside(site: Worksite, work: Work) -> None:
    for statement in work.statements:
        _must_be_inside(site, work, statement, site.send(work, statement))


def _must_be_inside(site: Worksite, work: Work, statement: Statement, answer: Answer) -> None:
    inside = site.session.connection.info.transaction_status is TransactionStatus.INTRANS
    if not inside or answer.tag == "COMMIT":  # which COMMIT AND CHAIN says too
        raise ended_early(work, statement)


def _changed_rows(site: Worksite, work: Work, statement: Statement) -> Busy:
    """The error for a migration that waits for a table after it changed rows: each try costs that again."""
    site.session.connection.execute("rollback")
    return Busy(
        f"a table stayed locked, and {work.migration.label} had changed rows by then: it is not tried again",
        where=f"{work.script.file.shown}:{statement.line}",
        why="; ".join(others.blockers(site.session.connection)),
        todo="it was rolled back; put the change of rows into a migration of its own, or run again later",
    )


def _try_again(site: Worksite, act: Callable[[timedelta], None], queues: Sequence[timedelta] = ()) -> None:
    """Short waits for table locks, with pauses in which others get through; then say who blocks."""
    try:
        _past_autovacuum(site, act, site.limits.first_wait, 1)
    except RETRYABLE as error:
        _keep_trying(site, act, queues, error)


def _keep_trying(
    site: Worksite, act: Callable[[timedelta], None], queues: Sequence[timedelta], failure: psycopg.Error
) -> None:
    from tenacity import (  # noqa: PLC0415  # who is not in anybody's way must not pay for it
        RetryError,
        Retrying,
        retry_if_exception_type,
        stop_after_delay,
        wait_random_exponential,
    )

    first, last = site.limits.first_wait, site.limits.last_wait
    retrying = Retrying(
        retry=retry_if_exception_type(RETRYABLE),
        wait=wait_random_exponential(multiplier=0.5, min=0.5, max=5),
        stop=stop_after_delay(site.limits.advisory_lock.total_seconds()),
    )
    try:
        for attempt in retrying:
            tries = attempt.retry_state.attempt_number
            with attempt:
                if tries == 1:
                    raise failure  # that try is behind us
                _past_autovacuum(
                    site, act, min(first + (last - first) * (tries - 1) / STEPS_TO_LAST_WAIT, last), tries
                )
    except RetryError as error:
        raise Busy(
            f"a table stayed locked in {error.last_attempt.attempt_number} tries",
            where=site.session.target.shown,
            why="; ".join(others.blockers(site.session.connection))
            or str(error.last_attempt.exception()).strip(),
            todo=f"{_behind_us(queues)}nothing of this migration remains; end the transactions named, or run"
            " again later",
        ) from None


def _past_autovacuum(site: Worksite, act: Callable[[timedelta], None], wait: timedelta, tries: int) -> None:
    """One try; where autovacuum alone was in the way of the first, another, long enough for it to yield."""
    try:
        act(wait)
    except errors.LockNotAvailable:
        connection = site.session.connection
        in_the_way = others.autovacuum(connection)
        if in_the_way is others.Autovacuum.MUST_NOT_YIELD:
            raise Busy(
                "a table stays locked by an autovacuum that must not be disturbed",
                where=site.session.target.shown,
                why="; ".join(others.blockers(connection)),
                todo="run again once it is done: it prevents a wraparound of transaction numbers",
            ) from None
        if in_the_way is others.Autovacuum.NOT_ALONE or tries > 1:
            raise
        act(timedelta(milliseconds=int(one(connection, DEADLOCK_TIMEOUT)[0])) + TO_YIELD)


def _behind_us(queues: Sequence[timedelta]) -> str:
    longest = max(queues, default=timedelta())
    return f"others waited at most {longest.total_seconds() * 1000:.0f} ms behind us; " if longest else ""
