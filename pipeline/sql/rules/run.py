"""Apply every rule to the scripts that are about to run."""

from collections.abc import Iterator, Sequence

from pipeline.findings import Finding, Location, Severity
from pipeline.sql.examine import Examined, examine
from pipeline.sql.rules.facts import Facts, Relation, created
from pipeline.sql.rules.table import RULES
from pipeline.sql.subject import Direction, Subject
from pipeline.sql.unreadable import UnreadableSql


def findings(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """What the rules say about these scripts, which are in the order of the release."""
    before: tuple[Relation, ...] = ()
    for subject in subjects:
        try:
            statements = tuple(examine(subject.sql))
        except UnreadableSql as error:
            place = Location(subject.path, error.line, error.column)
            yield Finding("unreadable-sql", Severity.ERROR, error.message, place)
            continue
        facts = _facts(subject, statements, before)
        for rule in RULES:
            if rule.applies(subject.direction):
                yield from rule.ask(facts)
        if subject.direction is Direction.UP:
            before += facts.created_here


def _facts(subject: Subject, statements: tuple[Examined, ...], before: tuple[Relation, ...]) -> Facts:
    return Facts(subject, statements, created(statements), before)
