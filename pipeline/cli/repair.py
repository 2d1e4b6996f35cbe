"""``pipeline repair ENV``: bring the ledger back in line with the files, as the format's own tool does."""

from dataclasses import asdict

from click import Option

from pipeline.cli.runs import request
from pipeline.cli.verb import NAMED, YES, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

APPLIED = Option(
    ["--applied"], metavar="VERSION", help="All of this migration is there, though nothing says so."
)


@verb(NAMED, APPLIED, YES)
def repair(voice: Voice, environment: str, *, applied: str | None, yes: bool) -> ExitCode:
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
