"""Apply every rule to the scripts that are about to run."""

from collections.abc import Iterator, Sequence

from pipeline.findings import Finding, Location, Severity
from pipeline.sql.block import inner
from pipeline.sql.examine import examine
from pipeline.sql.rules.facts import Facts, Tables, created
from pipeline.sql.rules.table import RULES
from pipeline.sql.subject import Direction, Subject
from pipeline.sql.unreadable import UnreadableSql


def findings(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """What the rules say about these scripts, which are in the order of the release."""
    before = Tables()
    for subject in subjects:
        try:
            examined = tuple(examine(subject.sql))
        except UnreadableSql as error:
            place = Location(subject.path, error.line, error.column)
            yield Finding("unreadable-sql", Severity.ERROR, error.message, place)
            continue
        statements = examined[inner([one.statement for one in examined])]
        creates = created(statements)
        here = Tables()
        here.add(creates)
        facts = Facts(subject, statements, here, before)
        for rule in RULES:
            if rule.applies(subject.direction):
                yield from rule.ask(facts)
        if subject.direction is Direction.UP:
            before.add(creates)
