"""Rules about what makes others wait: strong locks held for as long as a table takes to read or rewrite."""

from collections.abc import Iterator

from postgast import pg_query_pb2 as pb

from pipeline.findings import Finding, Severity
from pipeline.sql.rules.facts import Facts, Relation, relation
from pipeline.sql.statements import Statement

_SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})
_VOLATILE = frozenset({
    "clock_timestamp", "gen_random_uuid", "nextval", "random", "timeofday", "uuid_generate_v1",
    "uuid_generate_v4", "uuidv4", "uuidv7",
})  # fmt: skip
_REWRITING = {
    pb.AT_SetLogged: "SET LOGGED",
    pb.AT_SetUnLogged: "SET UNLOGGED",
    pb.AT_SetAccessMethod: "SET ACCESS METHOD",
    pb.AT_SetTableSpace: "SET TABLESPACE",
}


def _alterations(facts: Facts) -> Iterator[tuple[Statement, Relation, pb.AlterTableCmd]]:
    """Each command of each ALTER TABLE."""
    for statement, node in facts.trees():
        if node.WhichOneof("node") == "alter_table_stmt" and node.alter_table_stmt.objtype == pb.OBJECT_TABLE:
            for command in node.alter_table_stmt.cmds:
                yield statement, relation(node.alter_table_stmt.relation), command.alter_table_cmd


def _definition(command: pb.AlterTableCmd) -> pb.Node:
    definition: pb.Node = getattr(command, "def")
    return definition


def index_not_concurrent(facts: Facts) -> Iterator[Finding]:
    """An ordinary index build on a table in use stops its writers for as long as it takes."""
    for statement, node in facts.trees():
        if node.WhichOneof("node") != "index_stmt" or node.index_stmt.concurrent:
            continue
        table = relation(node.index_stmt.relation)
        if not facts.is_new(table):
            yield facts.finding(
                "index-not-concurrent",
                Severity.WARNING,
                statement,
                f"nobody can write to {table} while this index is built",
                "use CREATE INDEX CONCURRENTLY, alone in a migration of its own",
            )


def not_null_without_default(facts: Facts) -> Iterator[Finding]:
    """A mandatory column without a value for the rows that are there already."""
    for statement, table, command in _alterations(facts):
        if command.subtype != pb.AT_AddColumn or facts.is_new_here(table):
            continue
        column = _definition(command).column_def
        if _is_mandatory(column) and not _has_value(column):
            yield facts.finding(
                "not-null-without-default",
                Severity.ERROR,
                statement,
                f"{table}.{column.colname} is NOT NULL without a default: it fails once {table} has a row",
                "add a DEFAULT; or add it nullable, fill it, and set NOT NULL in a later migration",
            )


def _constraints(column: pb.ColumnDef) -> Iterator[pb.Constraint]:
    for node in column.constraints:
        yield node.constraint


def _is_mandatory(column: pb.ColumnDef) -> bool:
    return any(
        constraint.contype in {pb.CONSTR_NOTNULL, pb.CONSTR_PRIMARY} for constraint in _constraints(column)
    )


def _has_value(column: pb.ColumnDef) -> bool:
    if _is_serial(column):
        return True
    return any(
        constraint.contype in {pb.CONSTR_IDENTITY, pb.CONSTR_GENERATED}
        or (constraint.contype == pb.CONSTR_DEFAULT and not constraint.raw_expr.a_const.isnull)
        for constraint in _constraints(column)
    )


def _is_serial(column: pb.ColumnDef) -> bool:
    return any(part.string.sval in _SERIAL for part in column.type_name.names)


def rewrite(facts: Facts) -> Iterator[Finding]:
    """Every row is written anew while nobody can read the table."""
    for statement, table, command in _alterations(facts):
        if facts.is_new(table):
            continue
        why = _rewrites(command)
        if why is not None:
            yield facts.finding(
                "rewrite",
                Severity.WARNING,
                statement,
                f"{why} may write every row of {table} anew, and nobody can read it meanwhile",
                "the rehearsal measures it; for a large table add a new column and move the rows in steps",
            )


def _rewrites(command: pb.AlterTableCmd) -> str | None:
    if command.subtype == pb.AT_AlterColumnType:
        return f"changing the type of {command.name}"
    if command.subtype == pb.AT_AddColumn:
        return _filled(_definition(command).column_def)
    return _REWRITING.get(command.subtype)


def _filled(column: pb.ColumnDef) -> str | None:
    """Why a new column needs a value computed for every row, if it does."""
    if _is_serial(column):
        return f"adding {column.colname} as serial"
    for constraint in _constraints(column):
        if constraint.contype == pb.CONSTR_IDENTITY:
            return f"adding {column.colname} as an identity"
        if constraint.contype == pb.CONSTR_GENERATED and constraint.generated_kind != "v":
            return f"adding {column.colname} as a stored generated column"
        if constraint.contype == pb.CONSTR_DEFAULT and _function(constraint.raw_expr) in _VOLATILE:
            return f"the default {_function(constraint.raw_expr)}() of {column.colname}"
    return None


def _function(expression: pb.Node) -> str:
    if expression.WhichOneof("node") == "type_cast":
        return _function(expression.type_cast.arg)
    names = expression.func_call.funcname
    return names[-1].string.sval if names else ""


def foreign_key_not_valid(facts: Facts) -> Iterator[Finding]:
    """A new foreign key reads the whole table while writers of both tables wait."""
    for statement, table, command in _alterations(facts):
        if facts.is_new(table):
            continue
        definition = _definition(command)
        declared = (
            _constraints(definition.column_def)
            if command.subtype == pb.AT_AddColumn
            else iter([definition.constraint] if command.subtype == pb.AT_AddConstraint else [])
        )
        for constraint in declared:
            if constraint.contype == pb.CONSTR_FOREIGN and not constraint.skip_validation:
                target = relation(constraint.pktable)
                yield facts.finding(
                    "foreign-key-not-valid",
                    Severity.WARNING,
                    statement,
                    f"nobody can write to {table} or {target} while every row of {table} is checked",
                    "add it NOT VALID, and run VALIDATE CONSTRAINT in a later migration",
                )
