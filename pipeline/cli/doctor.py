"""``pipeline doctor [ENV]``: is everything here that a promotion will need?"""

from pipeline.cli.runs import context
from pipeline.cli.verb import SOME, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode


@verb(SOME)
def doctor(voice: Voice, environment: str | None) -> ExitCode:
    """Look at the machine, the files and the environments; exit 69 if something is missing, 3 if refused."""
    from pipeline.reports import examination  # noqa: PLC0415  # --help must not pay for it
    from pipeline.steps.examine import examine  # noqa: PLC0415

    asked = context(voice, environment)
    names = [environment] if environment else list(asked.project.environments)
    looked = examine(asked, names)
    voice.result(examination.text(looked), examination.document(looked))
    return min((one.ending for one in looked if one.good is False), default=ExitCode.OK)
