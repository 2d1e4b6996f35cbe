"""``pipeline rollback ENV --to VERSION``: take migrations back in an unprotected environment."""

from dataclasses import asdict

from click import Option

from pipeline.cli.runs import request
from pipeline.cli.verb import NAMED, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

BACK = Option(
    ["--to"],
    required=True,
    metavar="VERSION",
    help="The version to go back to; base: before the first one.",
)


@verb(NAMED, BACK)
def rollback(voice: Voice, environment: str, *, to: str) -> ExitCode:
    """Take back what was applied after a version, by its down scripts; refused for a protected environment."""
    from pipeline.promotion.rollback import roll_back  # noqa: PLC0415  # --help must not pay for it

    done = roll_back(request(voice, environment), to)
    now = f"at {done.version}" if done.version else "before the first migration"
    voice.result(
        f"ROLLED BACK  {environment} ({done.target})  {', '.join(done.undone)} taken back, now {now}"
        if done.undone
        else f"NOTHING TO DO  {environment} ({done.target})  {now}",
        {"environment": environment, **asdict(done)},
    )
    return ExitCode.OK
