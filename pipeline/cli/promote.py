"""``pipeline promote ENV``: the whole way, with its proof."""

from pathlib import Path

from click import Option

from pipeline.cli.runs import request
from pipeline.cli.verb import NAMED, PATH, TO, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ExitCode
from pipeline.proof import Outcome

OUTPUT_DIR = Option(
    ["--output-dir"], type=PATH, help="Where evidence goes (default: evidence/ in the project)."
)


@verb(NAMED, TO, OUTPUT_DIR)
def promote(voice: Voice, environment: str, *, to: str | None, output_dir: Path | None) -> ExitCode:
    """Rehearse on a restored copy, then apply the same bytes; for a throwaway ENV, the rehearsal alone."""
    from pipeline.promotion import evidence, run  # noqa: PLC0415  # --help must not pay for it
    from pipeline.reports.screen import screen  # noqa: PLC0415

    asked = request(voice, environment, to=to, output=output_dir)
    made = run.promote(asked)
    written = None
    if made.outcome is not Outcome.NOTHING_TO_DO:
        written = evidence.shown(made, asked.evidence_folder, asked.project.root)
    voice.result(screen(made, document=written), evidence.document(made))
    return ExitCode(made.exit_code)
