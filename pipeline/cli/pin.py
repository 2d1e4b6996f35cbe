"""``pipeline pin ENV``: accept a database as it is."""

from pipeline.cli.runs import context
from pipeline.cli.verb import Named
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode


def pin(voice: Voice, environment: Named) -> ExitCode:
    """Expect ENV to stay as it is now: for a database that was not made by these files, or to accept drift.

    The shape is kept with who said so and when, in our schema there, or in the project's state where the role
    may not make one. It counts until the ledger changes. The identity of the database is not pinned yet
    (`identity:` in environments.yaml says its name).
    """
    from pipeline.reports import pin as report  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps import pin as step  # noqa: PLC0415

    asked = context(voice, environment)
    made = step.pin(asked)
    name = asked.environment.name
    voice.result(report.text(made, environment=name), report.document(made, environment=name))
    return ExitCode.OK
