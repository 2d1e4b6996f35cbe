"""Ask the database after the release what it was asked before: the project's checks, and our own."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.checks.commands import run_command
from pipeline.checks.expectations import Answers, Verdict, ask, judge
from pipeline.checks.invalid_indexes import invalid_indexes
from pipeline.config.sections import CommandCheck, QueryCheck
from pipeline.postgres.connect import Session
from pipeline.steps.context import Context


@dataclass(frozen=True)
class Before:
    """What the database answered before the release."""

    answers: Answers
    invalid: frozenset[str]


@dataclass(frozen=True)
class Verified:
    """The verdict on every check, ours among them."""

    verdicts: tuple[Verdict, ...]

    @property
    def failing(self) -> tuple[Verdict, ...]:
        """The checks that do not hold."""
        return tuple(verdict for verdict in self.verdicts if not verdict.holds)

    @property
    def summary(self) -> str:
        """How many hold, in words."""
        return f"{len(self.verdicts) - len(self.failing)} of {len(self.verdicts)} checks"


def ask_before(context: Context, session: Session) -> Before:
    """Ask what can be asked already."""
    return Before(
        ask(session, _queries(context), schemas=context.schemas, must_answer=False),
        invalid_indexes(session, context.schemas),
    )


def verify(context: Context, session: Session, before: Before, *, commands: bool) -> Verified:
    """Ask again and compare; ``commands`` says whether the project's programs are run too (not on a copy)."""
    after = ask(session, _queries(context), schemas=context.schemas, must_answer=True)
    new = sorted(invalid_indexes(session, context.schemas) - before.invalid)
    verdicts = [
        *judge(_queries(context), before.answers, after),
        Verdict("no new invalid index", not new, ", ".join(new) or "none"),
    ]
    if commands:
        programs = [check for check in context.environment.verify if isinstance(check, CommandCheck)]
        verdicts += [
            run_command(check, context.project.root, context.limits.statement, context.environ)
            for check in programs
        ]
    return Verified(tuple(verdicts))


def _queries(context: Context) -> Sequence[QueryCheck]:
    return [check for check in context.environment.verify if isinstance(check, QueryCheck)]
