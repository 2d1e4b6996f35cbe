"""What the rules of ``drift.ignore`` did, said aloud: none hides silently, and none outlives its day."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.findings import Finding, Severity
from pipeline.schema.ignore import Rule
from pipeline.steps.context import Context

NAME = "ignore"


def rules(context: Context) -> Sequence[Rule]:
    """What no comparison of the run's environment sees, rules that have expired included."""
    ignored = context.environment.drift.ignore
    return tuple(Rule(one.object, one.reason, one.owner, one.expires) for one in ignored)


def told(context: Context, hidden: Mapping[Rule, int]) -> tuple[Finding, ...]:
    """A finding for every rule: how much it hides, that it hides nothing, or that it has expired."""
    return tuple(_findings(context, hidden))


def _findings(context: Context, hidden: Mapping[Rule, int]) -> Iterator[Finding]:
    for rule in rules(context):
        if not rule.holds(context.at.date()):
            message = f"the rule for `{rule.pattern}` expired on {rule.expires} and is not applied"
            hint = f"ask {rule.owner} ({rule.reason}): set another `expires`, or remove the rule"
            yield Finding(NAME, Severity.WARNING, message, hint=hint)
        elif hidden[rule]:
            message = (
                f"`{rule.pattern}` hides {hidden[rule]} objects until {rule.expires}:"
                f" {rule.reason} ({rule.owner})"
            )
            yield Finding(NAME, Severity.NOTE, message)
        else:
            message = f"the rule for `{rule.pattern}` matches nothing"
            yield Finding(NAME, Severity.NOTE, message, hint="remove it, or mend its kind or name")
