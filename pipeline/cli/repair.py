"""``pipeline repair ENV``: bring the ledger back in line with the files, as the format's own tool does."""

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.runs import request
from pipeline.cli.verb import Named, Yes
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

Applied = Annotated[
    str | None,
    typer.Option(
        "--applied", metavar="VERSION", help="All of this migration is there, though nothing says so."
    ),
]


def repair(voice: Voice, environment: Named, *, applied: Applied = None, yes: Yes = False) -> ExitCode:
    """Bring the ledger of ENV back in line with the files; no script runs.

    What failed half-way counts as not applied afterwards, unless --applied names it; what was changed counts as
    its file is now. For a protected environment this wants --yes.
    """
    from pipeline.promotion import amend  # noqa: PLC0415  # --help must not pay for it

    done = amend.repair(request(voice, environment), applied=applied, confirmed=yes)
    lines = [f"REPAIRED  {environment} ({done.target})", *(f"  {what}" for what in done.done)]
    voice.result(
        "\n".join(lines) if done.done else f"NOTHING TO DO  {environment} ({done.target})  all is in line",
        {"environment": environment, **asdict(done)},
    )
    return ExitCode.OK
