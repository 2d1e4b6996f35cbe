"""``pipeline baseline ENV``: let a database that was never migrated count as being at a version."""

from dataclasses import asdict

from click import Option

from pipeline.cli.runs import request
from pipeline.cli.verb import NAMED, YES, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

AT = Option(["--to"], metavar="VERSION", help="The version it stands at; without it, the newest one.")
DESCRIPTION = Option(["--description"], help="What the ledger says, where it has a place for that.")


@verb(NAMED, AT, DESCRIPTION, YES)
def baseline(voice: Voice, environment: str, *, to: str | None, description: str | None, yes: bool) -> ExitCode:
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
