"""The head of any ledger: one cheap row that changes whenever somebody writes to the table."""

from pipeline.sql.command import Command


def head(table: tuple[str, str]) -> Command:
    """How many rows there are, and the transactions that wrote them."""
    return Command(
        "SELECT pg_catalog.count(*)::pg_catalog.text AS rows, "
        "pg_catalog.sum(xmin::pg_catalog.text::pg_catalog.int8)::pg_catalog.text AS writers "
        "FROM {table}",
        {"table": table},
    )
