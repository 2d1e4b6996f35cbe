"""What became of a transaction whose connection was lost at its COMMIT: our record of it tells."""

from datetime import timedelta
from enum import Enum, auto
from typing import LiteralString

import psycopg

from pipeline.errors import PipelineError
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.run import one
from pipeline.postgres.target import Target
from pipeline.sql.command import Command

STILL_THERE: LiteralString = "select exists (select from pg_catalog.pg_stat_activity where pid = %s)"
"""A server process that has lost its client may still commit, for a moment."""
LONGEST = timedelta(seconds=30)
"""How long to ask: the line may need a moment, and a backend that lost its client too."""
ATTEMPT = timedelta(seconds=5)


class Fate(Enum):
    """How a transaction ended."""

    COMMITTED = auto()
    ROLLED_BACK = auto()
    UNKNOWN = auto()


def fate_of(lost: Session, process: int, record: Command) -> Fate:
    """Ask on a new connection until the answer is final; UNKNOWN when there is none in time.

    ``record`` asks for what that server ``process`` would have committed. It is there or not on the server that
    answers now, also after a failover. Nobody is asked for longer than the lost session would have waited for
    an answer.
    """
    from tenacity import (  # noqa: PLC0415  # few connections are lost
        RetryError,
        Retrying,
        retry_if_result,
        stop_after_delay,
        wait_random_exponential,
    )

    deadline = min(LONGEST, lost.connection.patience)
    retrying = Retrying(
        retry=retry_if_result(lambda fate: fate is Fate.UNKNOWN),
        wait=wait_random_exponential(multiplier=0.1, max=2),
        stop=stop_after_delay(deadline.total_seconds()),
    )
    try:
        return retrying(_ask, lost.target, process, record)
    except RetryError:
        return Fate.UNKNOWN


def _ask(target: Target, process: int, record: Command) -> Fate:
    try:
        with connected(target, purpose="pipeline: fate", deadline=ATTEMPT, patience=ATTEMPT) as session:
            if one(session.connection, STILL_THERE, [process])[0]:
                return Fate.UNKNOWN
            there = one(session.connection, record.text, record.values)[0]
            return Fate.COMMITTED if there else Fate.ROLLED_BACK
    except (PipelineError, psycopg.Error):
        return Fate.UNKNOWN
