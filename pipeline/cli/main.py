"""argv in, exit code out. Importing this costs no driver, no parser and no model: ``--help`` is quick."""

import gc
import os
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from pipeline import __version__
from pipeline.cli import (
    backup,
    baseline,
    config,
    convert,
    doctor,
    drift,
    init,
    lint,
    migrate,
    new,
    pin,
    plan,
    promote,
    repair,
    reset,
    rollback,
    status,
    validate,
)
from pipeline.cli.verb import verb
from pipeline.cli.voice import Format, Voice
from pipeline.errors import ConfigurationError, ExitCode

SIGNALS = (signal.SIGINT, signal.SIGTERM)

app = typer.Typer(
    name="pipeline",
    help="Promote PostgreSQL schema changes from dev through staging to prod, and hand back a proof.",
    epilog="Exit codes: 0 ok, 1 error of ours, 2 differs, 3 refused, 5 busy, 6 failed and rolled back,"
    " 7 a human is needed, 8 outcome unknown, 64 usage, 69 unavailable, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, body in {
    "promote": promote.promote,
    "plan": plan.plan,
    "status": status.status,
    "migrate": migrate.migrate,
    "rollback": rollback.rollback,
    "baseline": baseline.baseline,
    "repair": repair.repair,
    "validate": validate.validate,
    "new": new.new,
    "convert": convert.convert,
    "drift": drift.drift,
    "pin": pin.pin,
    "lint": lint.lint,
    "backup": backup.backup,
    "doctor": doctor.doctor,
    "init": init.init,
    "reset": reset.reset,
}.items():
    app.command(name)(verb(body))
app.command("info", hidden=True)(verb(status.status))
app.add_typer(config.app, name="config")


def _version(asked: bool) -> None:
    if asked:
        print(f"pipeline {__version__}")  # noqa: T201
        raise typer.Exit


@app.callback()
def start(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Promote PostgreSQL schema changes from dev through staging to prod, and hand back a proof."""


def run(argv: Sequence[str] | None = None) -> int:
    """Run one call and return its exit code; nothing else in this program decides about exits."""
    for number in SIGNALS:
        signal.signal(number, _stop)
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        return (
            typer.main.get_command(app).main(args=arguments, prog_name="pipeline", standalone_mode=False) or 0
        )
    except TyperException as error:
        return _misused(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        return int(ExitCode.ERROR)
    except Exception as error:  # noqa: BLE001  # the last boundary: whatever it is, it is ours
        traceback.print_exception(error)
        print("error: this is a defect of pipeline; please report it with the lines above", file=sys.stderr)  # noqa: T201
        return int(ExitCode.ERROR)


def main() -> NoReturn:
    """Run the command line and exit."""
    # What the alphabet of a terminal lacks must not end a run.
    if callable(reconfigure := getattr(sys.stdout, "reconfigure", None)):
        reconfigure(errors="backslashreplace")
    gc.set_threshold(500_000)  # a short life, most of it imports: nothing to collect that the exit does not
    try:
        code = run()
        for number in SIGNALS:  # all is said and done
            signal.signal(number, signal.SIG_IGN)
    except KeyboardInterrupt:
        code = int(ExitCode.INTERRUPTED)
    gc.freeze()  # nor when it exits
    sys.exit(code)


def _misused(error: TyperException, arguments: Sequence[str]) -> int:
    """Say what cannot be understood; whoever asked for JSON gets it, as far as that can be understood."""
    where = getattr(getattr(error, "ctx", None), "command_path", "pipeline")
    misuse = ConfigurationError(error.format_message(), todo=f"see `{where} --help`")
    asked = re.search(r"(?:^|\0)--format[=\0](\w+)", "\0".join(arguments))
    named = asked[1] if asked else os.environ.get("PIPELINE_FORMAT", "")
    form = Format.JSON if named == Format.JSON else Format.TEXT
    Voice(None, form, None, quiet=False, verbose=False, no_color=True).error(misuse)
    return int(misuse.exit_code)


def _stop(number: int, _frame: object) -> NoReturn:
    """Asked to stop: what is at work ends it as it can. Asked again, we leave at once."""
    for again in SIGNALS:
        signal.signal(again, _leave)
    raise KeyboardInterrupt(number)


def _leave(_number: int, _frame: object) -> NoReturn:
    """Whatever is not tidied up by now, the next run or the throwaway's own supervisor sees to."""
    words = b"\nleft at once; run again: it goes on from what the ledger and the catalog say\n"
    os.write(2, words)
    os._exit(int(ExitCode.INTERRUPTED))
