"""Rules about what cannot be atomic: transaction control, and statements that no transaction may hold."""

from collections.abc import Iterator

from postgast import pg_query_pb2 as pb
from postgast import walk

from pipeline.findings import Finding, Severity
from pipeline.sql.batches import calls_on_the_session
from pipeline.sql.rules.facts import Facts
from pipeline.sql.statements import IndexBuild, Statement, Unknown
from pipeline.sql.subject import Direction

_INSIDE = {pb.TRANS_STMT_SAVEPOINT, pb.TRANS_STMT_RELEASE, pb.TRANS_STMT_ROLLBACK_TO}
_WAYS = {
    "CREATE INDEX CONCURRENTLY without a name": "name the index in the statement",
    "DROP INDEX CONCURRENTLY of several indexes": "drop one index in each statement",
    "REINDEX SCHEMA CONCURRENTLY": "name one table or index in each statement",
    "REINDEX DATABASE CONCURRENTLY": "name one table or index in each statement",
}
"""What to write instead of a statement whose outcome nobody could tell."""


def mixed_transaction(facts: Facts) -> Iterator[Finding]:
    """A file holds statements of both kinds, so it can neither be atomic nor be one provable step."""
    apart = [examined.statement for examined in facts.statements if not examined.statement.transactional]
    if apart and len(apart) < len(facts.statements) and not facts.subject.separate:
        yield facts.finding(
            "mixed-transaction",
            Severity.ERROR,
            apart[0],
            f"{apart[0].kind} cannot run in a transaction, but other statements of this file need one: "
            "if one of them failed, the file would stay half applied",
            f"move the {apart[0].kind} into a migration of its own",
        )


def several_concurrent(facts: Facts) -> Iterator[Finding]:
    """More than one statement of a file commits on its own."""
    apart = [examined.statement for examined in facts.statements if not examined.statement.transactional]
    for statement in () if facts.subject.separate else apart[1:]:
        yield facts.finding(
            "several-concurrent",
            Severity.ERROR,
            statement,
            f"statement {apart.index(statement) + 1} of {len(apart)} in this file that commit on their own; "
            "if it failed, the earlier ones would stay and the ledger could not say so",
            "give each of them a migration of its own",
        )


def unknown_outcome(facts: Facts) -> Iterator[Finding]:
    """We could not tell after a crash whether the statement has done its work."""
    for examined in facts.statements:
        statement = examined.statement
        if isinstance(statement.outcome, Unknown):
            yield facts.finding(
                "unknown-outcome",
                Severity.ERROR,
                statement,
                f"{statement.outcome.kind} is not supported yet: it cannot run in a transaction, and after a "
                "broken connection nothing in the catalog would tell us whether it was done",
                _WAYS.get(statement.outcome.kind, "run it by hand, outside of the migrations"),
            )


def transaction_control(facts: Facts) -> Iterator[Finding]:
    """The file begins or ends transactions itself, and so would escape the one that holds its ledger row."""
    for statement, node in facts.trees():
        if node.WhichOneof("node") == "transaction_stmt" and node.transaction_stmt.kind not in _INSIDE:
            yield facts.finding(
                "transaction-control",
                Severity.ERROR,
                statement,
                _apart(statement, facts.subject.direction),
                "remove BEGIN and COMMIT; each script runs in a transaction of its own",
            )


def _apart(statement: Statement, direction: Direction) -> str:
    if direction is Direction.CALL:
        return f"{statement.kind} in a callback takes it apart: an error after it would leave half of it behind"
    return (
        f"{statement.kind} in a migration takes it apart from its row in the ledger: "
        "an error after it would leave half of the migration behind"
    )


def session_state(facts: Facts) -> Iterator[Finding]:
    """The file changes the session that we work in, for whatever runs after it."""
    for statement, node in facts.trees():
        said = _session_change(node) or _suspect_call(statement, node)
        if said is None:
            continue
        severity, what = said
        hint = "use SET LOCAL, which ends with the migration" if severity is Severity.WARNING else "remove it"
        yield facts.finding(
            "session-state",
            severity,
            statement,
            f"{what} outlives this migration in the session that we work in",
            hint,
        )


def _session_change(node: pb.Node) -> tuple[Severity, str] | None:
    match node.WhichOneof("node"):
        case "discard_stmt":
            return Severity.ERROR, pb.DiscardMode.Name(node.discard_stmt.target).replace("_", " ")
        case "variable_set_stmt":
            return _variable(node.variable_set_stmt)
        case _:
            return None


def _variable(statement: pb.VariableSetStmt) -> tuple[Severity, str] | None:
    if statement.kind == pb.VAR_RESET_ALL:
        return Severity.ERROR, "RESET ALL"
    if statement.is_local or statement.name.startswith(("transaction_", "TRANSACTION")):
        return None
    if statement.name in {"role", "session_authorization"}:
        return Severity.ERROR, f"SET {statement.name.upper().replace('_', ' ')}"
    return Severity.WARNING, f"SET {statement.name}"


def _suspect_call(statement: Statement, node: pb.Node) -> tuple[Severity, str] | None:
    if not calls_on_the_session(statement.text):
        return None
    if node.WhichOneof("node") == "do_stmt":
        return Severity.WARNING, "a change of settings or advisory locks inside DO"
    if node.WhichOneof("node") == "create_function_stmt":
        return None
    for _, found in walk(node):
        if isinstance(found, pb.FuncCall) and (said := _call(found)) is not None:
            return said
    return None


def _call(call: pb.FuncCall) -> tuple[Severity, str] | None:
    name = call.funcname[-1].string.sval
    if name.startswith("pg_advisory_unlock"):
        return Severity.ERROR, f"{name}()"
    if name == "set_config" and not (len(call.args) > 2 and call.args[2].a_const.boolval.boolval):  # noqa: PLR2004
        return Severity.WARNING, "set_config(…)"
    return None


def concurrently_if_not_exists(facts: Facts) -> Iterator[Finding]:
    """IF NOT EXISTS is content with an index of that name even if an earlier build left it INVALID."""
    for examined in facts.statements:
        built = examined.statement.outcome
        if isinstance(built, IndexBuild) and built.if_not_exists:
            yield facts.finding(
                "concurrently-if-not-exists",
                Severity.WARNING,
                examined.statement,
                f"a broken build leaves {built.index} behind as INVALID, and IF NOT EXISTS is content with it",
                "drop the IF NOT EXISTS; a rerun recognises what an earlier attempt left",
            )
