"""Which statements cannot run in a transaction, and how to learn later whether they have done their work.

The list is PostgreSQL's own, of all majors from 13 to 18: what calls PreventInTransactionBlock there is
here. What depends on the catalog alone (CLUSTER or REINDEX of a partitioned table, DROP SUBSCRIPTION with a
slot) is taken for what it usually is; the rehearsal meets the exception before prod does.
"""

from collections.abc import Callable, Iterable, Mapping

from postgast import pg_query_pb2 as pb

from pipeline.sql.statements import Detach, IndexBuild, IndexDrop, Outcome, Reindex, Repeatable, Unknown

_YES = frozenset({"", "true", "on", "1", "yes"})
_WHOLE = {pb.REINDEX_OBJECT_SCHEMA, pb.REINDEX_OBJECT_SYSTEM, pb.REINDEX_OBJECT_DATABASE}


def outcome(node: pb.Node) -> Outcome | None:
    """How a non-transactional statement's work shows in the catalog; None if it may run in a transaction."""
    judge = _JUDGES.get(node.WhichOneof("node") or "")
    return judge(node) if judge else None


def online(node: pb.Node) -> bool:
    """Whether a transactional statement lets others read and write while it reads a whole table."""
    match node.WhichOneof("node"):
        case "alter_table_stmt":
            commands = [command.alter_table_cmd.subtype for command in node.alter_table_stmt.cmds]
            return set(commands) == {pb.AT_ValidateConstraint}
        case "refresh_mat_view_stmt":
            return node.refresh_mat_view_stmt.concurrent
        case _:
            return False


def _create_index(node: pb.Node) -> Outcome | None:
    statement = node.index_stmt
    if not statement.concurrent:
        return None
    if not statement.idxname:
        return Unknown("CREATE INDEX CONCURRENTLY without a name")
    schema = statement.relation.schemaname or None
    return IndexBuild(schema, statement.idxname, schema, statement.relation.relname, statement.if_not_exists)


def _drop(node: pb.Node) -> Outcome | None:
    statement = node.drop_stmt
    if not statement.concurrent:
        return None
    if len(statement.objects) != 1:
        return Unknown("DROP INDEX CONCURRENTLY of several indexes")
    path = [part.string.sval for part in statement.objects[0].list.items]
    return IndexDrop(path[-2] if len(path) > 1 else None, path[-1], statement.missing_ok)


def _reindex(node: pb.Node) -> Outcome | None:
    statement = node.reindex_stmt
    concurrently = option(statement.params, "concurrently")
    if statement.kind in _WHOLE:
        what = pb.ReindexObjectType.Name(statement.kind).removeprefix("REINDEX_OBJECT_")
        return Unknown(f"REINDEX {what} CONCURRENTLY") if concurrently else Repeatable(f"REINDEX {what}")
    if not concurrently:
        return None
    return Reindex(statement.relation.schemaname or None, statement.relation.relname)


def option(items: Iterable[pb.Node], name: str, *, absent: bool = False) -> bool:
    """Whether a yes/no option of a parenthesised list is set, in any of the ways SQL lets one say so."""
    for item in items:
        if item.def_elem.defname == name:
            argument = item.def_elem.arg
            return _said(argument) in _YES
    return absent


def _said(argument: pb.Node) -> str:
    match argument.WhichOneof("node"):
        case "string":
            return argument.string.sval.lower()
        case "integer":
            return str(argument.integer.ival)
        case "boolean":
            return str(argument.boolean.boolval).lower()
        case "type_name":  # OFF is an ordinary word, which the grammar takes for a type here
            return argument.type_name.names[-1].string.sval.lower()
        case _:
            return ""


def _vacuum(node: pb.Node) -> Outcome | None:
    return Repeatable("VACUUM") if node.vacuum_stmt.is_vacuumcmd else None


def _alter_table(node: pb.Node) -> Outcome | None:
    for command in node.alter_table_stmt.cmds:
        if command.alter_table_cmd.subtype == pb.AT_DetachPartition:
            definition: pb.Node = getattr(command.alter_table_cmd, "def")
            if definition.partition_cmd.concurrent:
                parent, partition = node.alter_table_stmt.relation, definition.partition_cmd.name
                return Detach(
                    parent.schemaname or None,
                    parent.relname,
                    partition.schemaname or None,
                    partition.relname,
                )
    return None


def _cluster(node: pb.Node) -> Outcome | None:
    return None if node.cluster_stmt.HasField("relation") else Repeatable("CLUSTER of all tables")


def _discard(node: pb.Node) -> Outcome | None:
    return Unknown("DISCARD ALL") if node.discard_stmt.target == pb.DISCARD_ALL else None


def _alter_database(node: pb.Node) -> Outcome | None:
    moves = any(item.def_elem.defname == "tablespace" for item in node.alter_database_stmt.options)
    return Unknown("ALTER DATABASE … SET TABLESPACE") if moves else None


def _create_subscription(node: pb.Node) -> Outcome | None:
    options = node.create_subscription_stmt.options
    connects = option(options, "connect", absent=True)
    if option(options, "create_slot", absent=connects):
        return Unknown("CREATE SUBSCRIPTION with a replication slot")
    return None


def _alter_subscription(node: pb.Node) -> Outcome | None:
    statement = node.alter_subscription_stmt
    publications = {
        pb.ALTER_SUBSCRIPTION_SET_PUBLICATION,
        pb.ALTER_SUBSCRIPTION_ADD_PUBLICATION,
        pb.ALTER_SUBSCRIPTION_DROP_PUBLICATION,
    }
    if statement.kind in publications and option(statement.options, "refresh", absent=True):
        return Unknown("ALTER SUBSCRIPTION … PUBLICATION with a refresh")
    if statement.kind == pb.ALTER_SUBSCRIPTION_REFRESH:
        return Unknown("ALTER SUBSCRIPTION … REFRESH PUBLICATION")
    changed = {item.def_elem.defname for item in statement.options}
    if statement.kind == pb.ALTER_SUBSCRIPTION_OPTIONS and changed & {"failover", "two_phase"}:
        return Unknown("ALTER SUBSCRIPTION … SET (failover or two_phase)")
    return None


def _prepared(node: pb.Node) -> Outcome | None:
    match node.transaction_stmt.kind:
        case pb.TRANS_STMT_COMMIT_PREPARED:
            return Unknown("COMMIT PREPARED")
        case pb.TRANS_STMT_ROLLBACK_PREPARED:
            return Unknown("ROLLBACK PREPARED")
        case _:
            return None


def _never(kind: str) -> Callable[[pb.Node], Outcome]:
    return lambda _node: Unknown(kind)


_JUDGES: Mapping[str, Callable[[pb.Node], Outcome | None]] = {
    "alter_database_stmt": _alter_database,
    "alter_subscription_stmt": _alter_subscription,
    "alter_system_stmt": _never("ALTER SYSTEM"),
    "alter_table_stmt": _alter_table,
    "cluster_stmt": _cluster,
    "create_subscription_stmt": _create_subscription,
    "create_table_space_stmt": _never("CREATE TABLESPACE"),
    "createdb_stmt": _never("CREATE DATABASE"),
    "discard_stmt": _discard,
    "drop_stmt": _drop,
    "drop_subscription_stmt": _never("DROP SUBSCRIPTION"),
    "drop_table_space_stmt": _never("DROP TABLESPACE"),
    "dropdb_stmt": _never("DROP DATABASE"),
    "index_stmt": _create_index,
    "reindex_stmt": _reindex,
    "transaction_stmt": _prepared,
    "vacuum_stmt": _vacuum,
}
