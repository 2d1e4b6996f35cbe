"""What a rule is given: one script of a migration, its statements, and what came before it in the release."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from postgast import pg_query_pb2 as pb

from pipeline.findings import Finding, Location, Severity
from pipeline.sql.examine import Examined
from pipeline.sql.statements import Statement
from pipeline.sql.subject import Subject


class Relation(NamedTuple):
    """A table as a script names it; without a schema it may be any of that name."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass
class Tables:
    """Tables by name, to be asked whether one of them may be meant."""

    _schemas: dict[str, set[str | None]] = field(default_factory=dict[str, set[str | None]])

    def add(self, relations: Iterable[Relation]) -> None:
        """Put tables in."""
        for relation in relations:
            self._schemas.setdefault(relation.name, set()).add(relation.schema)

    def __contains__(self, relation: Relation) -> bool:
        schemas = self._schemas.get(relation.name)
        return schemas is not None and (
            relation.schema is None or not schemas.isdisjoint({relation.schema, None})
        )


@dataclass(frozen=True)
class Facts:
    """A subject with its statements, and the tables that this file or this part of the release creates."""

    subject: Subject
    statements: tuple[Examined, ...]
    created_here: Tables = field(default_factory=Tables)
    created_before: Tables = field(default_factory=Tables)

    def trees(self) -> Iterator[tuple[Statement, pb.Node]]:
        """Every statement that has a tree."""
        for examined in self.statements:
            if examined.node is not None:
                yield examined.statement, examined.node

    def is_new_here(self, relation: Relation) -> bool:
        """Whether this very file creates the table, so that it is empty or filled by this file."""
        return relation in self.created_here

    def is_new(self, relation: Relation) -> bool:
        """Whether this part of the release creates the table, so that no application uses it yet."""
        return relation in self.created_here or relation in self.created_before

    def finding(
        self, rule: str, severity: Severity, statement: Statement | None, message: str, hint: str
    ) -> Finding:
        """A finding at a statement, or about the file as a whole."""
        place = (statement.line, statement.column) if statement else (1, 1)
        return Finding(rule, severity, message, Location(self.subject.path, *place), hint)


def relation(node: pb.RangeVar) -> Relation:
    """The table that a tree names."""
    return Relation(node.schemaname or None, node.relname)


def created(statements: Iterable[Examined]) -> list[Relation]:
    """The tables and materialized views that the statements create."""
    return [found for examined in statements if (found := _created(examined.node)) is not None]


def _created(node: pb.Node | None) -> Relation | None:
    if node is None:
        return None
    match node.WhichOneof("node"):
        case "create_stmt":
            return relation(node.create_stmt.relation)
        case "create_table_as_stmt":
            return relation(node.create_table_as_stmt.into.rel)
        case _:
            return None
