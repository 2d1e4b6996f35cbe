"""Rules about what is lost: rows, columns, the way back, the one change a migration should be."""

from collections.abc import Iterator

from postgast import pg_query_pb2 as pb

from pipeline.findings import Finding, Severity
from pipeline.sql.batches import is_plain
from pipeline.sql.identifiers import shown
from pipeline.sql.rules.facts import Facts, relation
from pipeline.sql.statements import Statement

MANY_TARGETS = 8
"""From this number of different tables on, a migration is hardly one change."""

_HOLDS_ROWS = {pb.OBJECT_TABLE, pb.OBJECT_SCHEMA, pb.OBJECT_MATVIEW, pb.OBJECT_FOREIGN_TABLE}


def drop(facts: Facts) -> Iterator[Finding]:
    """Rows are lost that no down script can bring back."""
    if facts.subject.irreversible:
        return
    for statement, what in _losses(facts):
        yield facts.finding(
            "drop",
            Severity.WARNING,
            statement,
            f"{what} loses data that no down script can bring back",
            'if that is meant, declare it: -- pipeline: irreversible reason="…"',
        )


def _losses(facts: Facts) -> Iterator[tuple[Statement, str]]:
    for statement, node in facts.trees():
        match node.WhichOneof("node"):
            case "drop_stmt" if node.drop_stmt.remove_type in _HOLDS_ROWS:
                yield statement, f"{statement.kind} {_dropped(node.drop_stmt)}"
            case "truncate_stmt":
                tables = ", ".join(str(relation(table.range_var)) for table in node.truncate_stmt.relations)
                yield statement, f"TRUNCATE {tables}"
            case "alter_table_stmt":
                for column in _dropped_columns(node.alter_table_stmt):
                    yield statement, f"dropping the column {relation(node.alter_table_stmt.relation)}.{column}"
            case _:
                pass


def _dropped(statement: pb.DropStmt) -> str:
    paths = (item.list.items if item.WhichOneof("node") == "list" else [item] for item in statement.objects)
    return ", ".join(shown(*(part.string.sval for part in path)) for path in paths)


def _dropped_columns(statement: pb.AlterTableStmt) -> Iterator[str]:
    for command in statement.cmds:
        if command.alter_table_cmd.subtype == pb.AT_DropColumn:
            yield command.alter_table_cmd.name


def no_way_back(facts: Facts) -> Iterator[Finding]:
    """Neither a down script nor a declaration that there cannot be one."""
    subject = facts.subject
    if not (subject.repeatable or subject.has_down or subject.irreversible):
        yield facts.finding(
            "no-way-back",
            Severity.WARNING,
            None,
            "this migration has neither a down script nor a declaration that it cannot have one; "
            "the proof will refuse it",
            'write its down script, or declare: -- pipeline: irreversible reason="…"',
        )


def one_change(facts: Facts) -> Iterator[Finding]:
    """A migration that touches many tables fails, waits and rolls back as a whole."""
    targets = set(_targets(facts))
    if len(targets) >= MANY_TARGETS:
        yield facts.finding(
            "one-change",
            Severity.NOTE,
            None,
            f"this migration changes {len(targets)} tables and holds all their locks until the last is done",
            "split it where the changes do not need each other",
        )


def _targets(facts: Facts) -> Iterator[str]:
    for _, node in facts.trees():
        match node.WhichOneof("node"):
            case "create_stmt":
                yield str(relation(node.create_stmt.relation))
            case "alter_table_stmt":
                yield str(relation(node.alter_table_stmt.relation))
            case "drop_stmt" if node.drop_stmt.remove_type == pb.OBJECT_TABLE:
                yield _dropped(node.drop_stmt)
            case _:
                pass


def unexamined(facts: Facts) -> Iterator[Finding]:
    """A statement whose tree is too deep or too large for us to look at."""
    for examined in facts.statements:
        if examined.node is None and not is_plain(examined.statement):
            yield facts.finding(
                "unexamined",
                Severity.WARNING,
                examined.statement,
                f"this {examined.statement.kind} is nested too deeply or too large for the other rules",
                "shorten the chain of operators, split it, or read it with extra care",
            )
