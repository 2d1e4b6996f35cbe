"""``pipeline pin ENV``: accept a database as it is."""

from click import Option

from pipeline.cli.runs import context
from pipeline.cli.verb import NAMED, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

REPLACE = Option(
    ["--replace"],
    is_flag=True,
    help="This database takes the place of the one that was pinned or marked.",
)


@verb(NAMED, REPLACE)
def pin(voice: Voice, environment: str, *, replace: bool) -> ExitCode:
    """Say that ENV is the database that answers now, and expect its shape to stay as it is.

    Which database it is goes into environments.lock, beside environments.yaml, to be committed: name, system
    identifier, database oid and endpoint. Every other database is refused from then on.
    The shape is kept with who said so and when, in our schema there, or in the project's state where the role
    may not make one. It counts until the ledger changes.
    """
    from pipeline.reports import pin as report  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps import pin as step  # noqa: PLC0415

    asked = context(voice, environment)
    made = step.pin(asked, replace=replace)
    name = asked.environment.name
    voice.result(report.text(made, environment=name), report.document(made, environment=name))
    return ExitCode.OK
