"""``pipeline plan ENV``: what promote would do; changes nothing."""

from pipeline.cli.runs import request
from pipeline.cli.verb import ENVIRONMENT, TO, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode


@verb(ENVIRONMENT, TO)
def plan(voice: Voice, environment: str | None, *, to: str | None) -> ExitCode:
    """Show what promote would do, statement by statement, with what is dangerous about it."""
    from pipeline.promotion.run import preview  # noqa: PLC0415  # --help must not pay for it
    from pipeline.reports import plan as report  # noqa: PLC0415

    made, findings, target = preview(request(voice, environment, to=to))
    voice.result(report.text(made, findings, target=target), report.document(made, findings))
    return ExitCode.REFUSED if any(finding.refuses for finding in findings) else ExitCode.OK
