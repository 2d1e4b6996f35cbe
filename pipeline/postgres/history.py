"""Read the other tool's ledger."""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from pipeline.formats.interface import Ledger
from pipeline.formats.model import History, Noted
from pipeline.postgres import witness
from pipeline.postgres.connect import Session
from pipeline.postgres.run import one, rows
from pipeline.sql.command import Command

Table = tuple[str, str]

EXISTS: LiteralString = """
select exists (select from pg_catalog.pg_class as c
                 join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
                where n.nspname = %s and c.relname = %s and c.relkind = 'r')
"""


def read_history(session: Session, ledger: Ledger, *, before: Table | None = None) -> History:
    """The ledger's rows in order of application; a History that does not exist where there is no table.

    While it has no rows, nobody begins beside the ledger that was there ``before`` it.
    """
    if not _exists(session, ledger.table):
        return History(exists=False, beside=_before(session, before) or _beside(session, ledger))
    found = ledger.interpret(rows(session.connection, ledger.read))
    noted: Mapping[str, Noted] = {} if ledger.remembers_bytes else witness.noted(session, ledger.table)
    return History(exists=True, rows=found, noted=noted, beside=() if found else _before(session, before))


def _exists(session: Session, table: Table) -> bool:
    return bool(one(session.connection, EXISTS, table)[0])


def _before(session: Session, table: Table | None) -> tuple[str, ...]:
    return (".".join(table),) if table is not None and _exists(session, table) else ()


def _beside(session: Session, ledger: Ledger) -> tuple[str, ...]:
    if ledger.occupied is None:
        return ()
    return tuple(str(name) for row in rows(session.connection, ledger.occupied) for name in row.values())


def head(session: Session, ledger: Ledger) -> tuple[str | None, ...]:
    """A cheap value that changes whenever the ledger does; empty where there is no table."""
    if not _exists(session, ledger.table):
        return ()
    return head_of(rows(session.connection, ledger.head))


def head_of(answer: Sequence[Mapping[str, str | None]]) -> tuple[str | None, ...]:
    """The head of a ledger from the rows of its own question."""
    return tuple(answer[0].values())


def unmoved(ledger: Ledger, known: Sequence[str | None]) -> Command:
    """What fails where the ledger's head is not the one that is ``known``.

    Asked on the search_path of a script, whose operators are not to be trusted.
    """
    question = ledger.head
    text: LiteralString = f"""
select 1 operator(pg_catalog./) (head::pg_catalog.text operator(pg_catalog.=) %s)::integer
  from ({question.text}) as head
"""  # noqa: S608  # literals in a literal
    row = f"({','.join(value or '' for value in known)})"
    return Command(text, question.identifiers, (row, *question.values))
