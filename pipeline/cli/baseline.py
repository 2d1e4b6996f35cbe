"""``pipeline baseline ENV``: let a database that was never migrated count as being at a version."""

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.runs import request
from pipeline.cli.verb import Named, Yes
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

At = Annotated[
    str | None,
    typer.Option("--to", metavar="VERSION", help="The version it stands at; without it, the newest one."),
]
Description = Annotated[
    str | None, typer.Option("--description", help="What the ledger says, where it has a place for that.")
]


def baseline(
    voice: Voice, environment: Named, *, to: At = None, description: Description = None, yes: Yes = False
) -> ExitCode:
    """Write into the ledger of ENV that it stands at a version already; no script runs.

    For a protected environment this wants --yes. Refused where the ledger says something else.
    """
    from pipeline.promotion import amend  # noqa: PLC0415  # --help must not pay for it

    done = amend.baseline(request(voice, environment), to, description=description, confirmed=yes)
    voice.result(
        f"BASELINE  {environment} ({done.target})  {'; '.join(done.done)}"
        if done.done
        else f"NOTHING TO DO  {environment} ({done.target})  its ledger says so already",
        {"environment": environment, **asdict(done)},
    )
    return ExitCode.OK
