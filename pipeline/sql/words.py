"""What a statement is called: the tree's own name for it in PostgreSQL's words ("ALTER TABLE")."""

import re
from collections.abc import Callable, Mapping

from postgast import pg_query_pb2 as pb

_LEADING = re.compile(r"[A-Za-z]+(?:\s+[A-Za-z]+)?")

_FIXED: Mapping[str, str] = {
    "alter_collation_stmt": "ALTER COLLATION",
    "alter_database_refresh_coll_stmt": "ALTER DATABASE",
    "alter_database_set_stmt": "ALTER DATABASE",
    "alter_database_stmt": "ALTER DATABASE",
    "alter_default_privileges_stmt": "ALTER DEFAULT PRIVILEGES",
    "alter_domain_stmt": "ALTER DOMAIN",
    "alter_enum_stmt": "ALTER TYPE",
    "alter_event_trig_stmt": "ALTER EVENT TRIGGER",
    "alter_extension_contents_stmt": "ALTER EXTENSION",
    "alter_extension_stmt": "ALTER EXTENSION",
    "alter_fdw_stmt": "ALTER FOREIGN DATA WRAPPER",
    "alter_foreign_server_stmt": "ALTER SERVER",
    "alter_op_family_stmt": "ALTER OPERATOR FAMILY",
    "alter_operator_stmt": "ALTER OPERATOR",
    "alter_policy_stmt": "ALTER POLICY",
    "alter_publication_stmt": "ALTER PUBLICATION",
    "alter_role_set_stmt": "ALTER ROLE",
    "alter_role_stmt": "ALTER ROLE",
    "alter_seq_stmt": "ALTER SEQUENCE",
    "alter_stats_stmt": "ALTER STATISTICS",
    "alter_subscription_stmt": "ALTER SUBSCRIPTION",
    "alter_system_stmt": "ALTER SYSTEM",
    "alter_table_space_options_stmt": "ALTER TABLESPACE",
    "alter_tsconfiguration_stmt": "ALTER TEXT SEARCH CONFIGURATION",
    "alter_tsdictionary_stmt": "ALTER TEXT SEARCH DICTIONARY",
    "alter_type_stmt": "ALTER TYPE",
    "alter_user_mapping_stmt": "ALTER USER MAPPING",
    "check_point_stmt": "CHECKPOINT",
    "close_portal_stmt": "CLOSE",
    "composite_type_stmt": "CREATE TYPE",
    "constraints_set_stmt": "SET CONSTRAINTS",
    "create_am_stmt": "CREATE ACCESS METHOD",
    "create_enum_stmt": "CREATE TYPE",
    "create_event_trig_stmt": "CREATE EVENT TRIGGER",
    "create_fdw_stmt": "CREATE FOREIGN DATA WRAPPER",
    "create_foreign_server_stmt": "CREATE SERVER",
    "create_foreign_table_stmt": "CREATE FOREIGN TABLE",
    "create_op_class_stmt": "CREATE OPERATOR CLASS",
    "create_op_family_stmt": "CREATE OPERATOR FAMILY",
    "create_plang_stmt": "CREATE LANGUAGE",
    "create_range_stmt": "CREATE TYPE",
    "create_role_stmt": "CREATE ROLE",
    "create_seq_stmt": "CREATE SEQUENCE",
    "create_stats_stmt": "CREATE STATISTICS",
    "create_stmt": "CREATE TABLE",
    "create_table_space_stmt": "CREATE TABLESPACE",
    "create_trig_stmt": "CREATE TRIGGER",
    "createdb_stmt": "CREATE DATABASE",
    "declare_cursor_stmt": "DECLARE CURSOR",
    "drop_owned_stmt": "DROP OWNED",
    "drop_role_stmt": "DROP ROLE",
    "drop_subscription_stmt": "DROP SUBSCRIPTION",
    "drop_table_space_stmt": "DROP TABLESPACE",
    "drop_user_mapping_stmt": "DROP USER MAPPING",
    "dropdb_stmt": "DROP DATABASE",
    "index_stmt": "CREATE INDEX",
    "reassign_owned_stmt": "REASSIGN OWNED",
    "refresh_mat_view_stmt": "REFRESH MATERIALIZED VIEW",
    "rule_stmt": "CREATE RULE",
    "sec_label_stmt": "SECURITY LABEL",
    "truncate_stmt": "TRUNCATE",
    "variable_show_stmt": "SHOW",
    "view_stmt": "CREATE VIEW",
}
"""Statements whose name follows from the type of the tree; the rest is ``CREATE X`` from ``create_x_stmt``."""

_OBJECTS: Mapping[str, str] = {
    "ATTRIBUTE": "TYPE",
    "DOMCONSTRAINT": "DOMAIN",
    "FDW": "FOREIGN DATA WRAPPER",
    "FOREIGN_SERVER": "SERVER",
    "LARGEOBJECT": "LARGE OBJECT",
    "MATVIEW": "MATERIALIZED VIEW",
    "OPCLASS": "OPERATOR CLASS",
    "OPFAMILY": "OPERATOR FAMILY",
    "STATISTIC_EXT": "STATISTICS",
    "TABCONSTRAINT": "TABLE",
    "TSCONFIGURATION": "TEXT SEARCH CONFIGURATION",
    "TSDICTIONARY": "TEXT SEARCH DICTIONARY",
    "TSPARSER": "TEXT SEARCH PARSER",
    "TSTEMPLATE": "TEXT SEARCH TEMPLATE",
}


def words(node: pb.Node) -> str:
    """The statement's name as PostgreSQL's command tag would have it, without counts."""
    name = node.WhichOneof("node") or ""
    if name in _FIXED:
        return _FIXED[name]
    if name in _BY_CONTENT:
        return _BY_CONTENT[name](node)
    return name.removesuffix("_stmt").replace("_", " ").upper()


def leading_words(text: str) -> str:
    """The first two words of a statement whose tree we do not have."""
    found = _LEADING.match(text)
    return " ".join(found[0].upper().split()) if found else "STATEMENT"


def object_words(kind: pb.ObjectType) -> str:
    """An object type in SQL's words: ``OBJECT_MATVIEW`` is a MATERIALIZED VIEW."""
    name = pb.ObjectType.Name(kind).removeprefix("OBJECT_")
    return _OBJECTS.get(name, name.replace("_", " "))


def _transaction(node: pb.Node) -> str:
    kind = pb.TransactionStmtKind.Name(node.transaction_stmt.kind).removeprefix("TRANS_STMT_")
    named = {
        "START": "START TRANSACTION",
        "ROLLBACK_TO": "ROLLBACK TO SAVEPOINT",
        "PREPARE": "PREPARE TRANSACTION",
    }
    return named.get(kind, kind.replace("_", " "))


def _renamed(node: pb.Node) -> str:
    statement = node.rename_stmt
    column = statement.rename_type in {pb.OBJECT_COLUMN, pb.OBJECT_ATTRIBUTE}
    return "ALTER " + object_words(statement.relation_type if column else statement.rename_type)


def _table_as(node: pb.Node) -> str:
    return (
        "CREATE "
        + object_words(node.create_table_as_stmt.objtype)
        + (" AS" if node.create_table_as_stmt.objtype == pb.OBJECT_TABLE else "")
    )


def _variable(node: pb.Node) -> str:
    return "RESET" if node.variable_set_stmt.kind in {pb.VAR_RESET, pb.VAR_RESET_ALL} else "SET"


_BY_CONTENT: Mapping[str, Callable[[pb.Node], str]] = {
    "alter_function_stmt": lambda node: "ALTER " + object_words(node.alter_function_stmt.objtype),
    "alter_object_depends_stmt": lambda node: (
        "ALTER " + object_words(node.alter_object_depends_stmt.object_type)
    ),
    "alter_object_schema_stmt": lambda node: "ALTER " + object_words(node.alter_object_schema_stmt.object_type),
    "alter_owner_stmt": lambda node: "ALTER " + object_words(node.alter_owner_stmt.object_type),
    "alter_table_move_all_stmt": lambda node: "ALTER " + object_words(node.alter_table_move_all_stmt.objtype),
    "alter_table_stmt": lambda node: "ALTER " + object_words(node.alter_table_stmt.objtype),
    "create_function_stmt": lambda node: (
        "CREATE PROCEDURE" if node.create_function_stmt.is_procedure else "CREATE FUNCTION"
    ),
    "create_table_as_stmt": _table_as,
    "define_stmt": lambda node: "CREATE " + object_words(node.define_stmt.kind),
    "discard_stmt": lambda node: pb.DiscardMode.Name(node.discard_stmt.target).replace("_", " "),
    "drop_stmt": lambda node: "DROP " + object_words(node.drop_stmt.remove_type),
    "grant_role_stmt": lambda node: "GRANT" if node.grant_role_stmt.is_grant else "REVOKE",
    "grant_stmt": lambda node: "GRANT" if node.grant_stmt.is_grant else "REVOKE",
    "rename_stmt": _renamed,
    "transaction_stmt": _transaction,
    "vacuum_stmt": lambda node: "VACUUM" if node.vacuum_stmt.is_vacuumcmd else "ANALYZE",
    "variable_set_stmt": _variable,
}
