"""The head of any ledger: one cheap row that changes whenever somebody writes to the table."""

from pipeline.sql.command import Command


def head(table: tuple[str, str]) -> Command:
    """How many rows there are, and the sum of the numbers of the transactions that wrote them.

    A number is told as its distance from the first there can be: ``age`` is the one function that takes it as
    it is, and counts from a point that moves.
    """
    return Command(
        "SELECT pg_catalog.count(*)::pg_catalog.text AS rows, "
        "(pg_catalog.count(*) OPERATOR(pg_catalog.*) pg_catalog.age('3'::pg_catalog.xid)"
        " OPERATOR(pg_catalog.-) pg_catalog.sum(pg_catalog.age(xmin)))::pg_catalog.text AS writers "
        "FROM {table}",
        {"table": table},
    )
