"""Read the other tool's ledger."""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from pipeline.formats.interface import History, Ledger
from pipeline.postgres import witness
from pipeline.postgres.connect import Session
from pipeline.postgres.run import one, rows

EXISTS: LiteralString = """
select exists (select from pg_catalog.pg_class as c
                 join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
                where n.nspname = %s and c.relname = %s and c.relkind = 'r')
"""


def read_history(session: Session, ledger: Ledger) -> History:
    """The ledger's rows in order of application; a History that does not exist where there is no table."""
    if not one(session.connection, EXISTS, ledger.table)[0]:
        return History(exists=False, beside=_beside(session, ledger))
    found = ledger.interpret(rows(session.connection, ledger.read))
    return History(exists=True, rows=found, noted={} if ledger.remembers_bytes else witness.noted(session))


def _beside(session: Session, ledger: Ledger) -> tuple[str, ...]:
    if ledger.occupied is None:
        return ()
    return tuple(str(name) for row in rows(session.connection, ledger.occupied) for name in row.values())


def head(session: Session, ledger: Ledger) -> tuple[str | None, ...]:
    """A cheap value that changes whenever the ledger does; empty where there is no table."""
    if not one(session.connection, EXISTS, ledger.table)[0]:
        return ()
    return head_of(rows(session.connection, ledger.head))


def head_of(answer: Sequence[Mapping[str, str | None]]) -> tuple[str | None, ...]:
    """The head of a ledger from the rows of its own question."""
    return tuple(answer[0].values())
