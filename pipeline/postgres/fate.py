"""What became of a transaction whose connection was lost: the server knows, by the transaction's number."""

from datetime import timedelta
from enum import Enum, auto
from typing import LiteralString

import psycopg

from pipeline.errors import PipelineError
from pipeline.postgres.connect import Session, connected
from pipeline.postgres.run import one
from pipeline.postgres.target import Target

STATUS: LiteralString = "select pg_catalog.pg_xact_status(%s::pg_catalog.xid8)"
OURS: LiteralString = "select exists (select from pipeline.applied where xmin::text::bigint = %s)"
"""Whether our record of the transaction is there: after a failover its number may be somebody else's."""
EPOCH = 2**32
LONGEST = timedelta(seconds=30)
"""How long to ask: the line may need a moment, and a backend that lost its client too."""
ATTEMPT = timedelta(seconds=5)


class Fate(Enum):
    """How a transaction ended."""

    COMMITTED = auto()
    ROLLED_BACK = auto()
    UNKNOWN = auto()


FATES = {("committed", True): Fate.COMMITTED, ("aborted", False): Fate.ROLLED_BACK}


def fate_of(lost: Session, number: str) -> Fate:
    """Ask on a new connection until the answer is final; UNKNOWN when there is none in time.

    Nobody is asked for longer than the lost session would have waited for an answer.
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
        return retrying(_ask, lost.target, number)
    except RetryError:
        return Fate.UNKNOWN


def _ask(target: Target, number: str) -> Fate:
    try:
        with connected(target, purpose="pipeline: fate", deadline=ATTEMPT, patience=ATTEMPT) as session:
            status = one(session.connection, STATUS, [number])[0]
            ours = one(session.connection, OURS, [int(number) % EPOCH])[0]
    except (PipelineError, psycopg.Error):
        return Fate.UNKNOWN
    return FATES.get((status, ours), Fate.UNKNOWN)
