"""``pipeline drift ENV``: has the database moved by itself?"""

from pathlib import Path

from click import Option

from pipeline.cli.runs import context
from pipeline.cli.verb import ENVIRONMENT, PATH, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode

SUMMARY = Option(["--summary"], type=PATH, help="Add a Markdown summary to this file, as $GITHUB_STEP_SUMMARY.")


@verb(ENVIRONMENT, SUMMARY)
def drift(voice: Voice, environment: str | None, *, summary: Path | None) -> ExitCode:
    """Compare the live database with what is expected of it; exit 2 when it differs.

    Expected is the shape that the last promotion or `pin` left there, or else what the recorded migrations
    make of an empty throwaway. What is pending is no drift; while somebody is at work there, exit 5. Each
    check leaves a heartbeat, by which `status` notices that they stop coming.
    """
    from pipeline.reports import drift as report  # noqa: PLC0415  # --help must not pay for it
    from pipeline.schema.digest import fingerprint  # noqa: PLC0415
    from pipeline.steps import heartbeat  # noqa: PLC0415
    from pipeline.steps.drift import drift_of  # noqa: PLC0415

    asked = context(voice, environment)
    seen = drift_of(asked)
    heartbeat.leave(asked, moved=bool(seen.moved), fingerprint=fingerprint(seen.live), compared=seen.compared)
    name = asked.environment.name
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(report.markdown(seen, environment=name))
    voice.result(report.text(seen, environment=name), report.document(seen, environment=name))
    return ExitCode.DIFFERS if seen.moved else ExitCode.OK
