"""argv in, exit code out. Importing this costs no driver, no parser and no model: ``--help`` is quick."""

import atexit
import errno
import gc
import os
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

from pipeline import __version__
from pipeline.cli.voice import Format, Voice
from pipeline.errors import ConfigurationError, ExitCode, Unavailable

SIGNALS = (signal.SIGINT, signal.SIGTERM)

VERBS = (
    "promote",
    "plan",
    "status",
    "migrate",
    "rollback",
    "baseline",
    "repair",
    "validate",
    "new",
    "convert",
    "drift",
    "pin",
    "lint",
    "backup",
    "doctor",
    "init",
    "reset",
    "config",
)
"""In the order of the help. Each is the name of a module here, and of the command in it."""

ALIASES = {"info": "status"}


class Verbs(click.Group):
    """All verbs; the module of one is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the verb of this name."""
        name = ALIASES.get(cmd_name, cmd_name)
        return getattr(import_module(f"pipeline.cli.{name}"), name) if name in VERBS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb of a call. Raises NoSuchCommand with the verbs that were likely meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=VERBS, ctx=ctx) from None


@click.group(
    cls=Verbs,
    epilog="Exit codes: 0 ok, 1 error of ours, 2 differs, 3 refused, 5 busy, 6 failed and rolled back,"
    " 7 a human is needed, 8 outcome unknown, 64 usage, 69 unavailable, 130 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def app() -> None:
    """Promote PostgreSQL schema changes from dev through staging to prod, and hand back a proof."""


def run(argv: Sequence[str] | None = None) -> int:
    """Run one call and return its exit code; nothing else in this program decides about exits."""
    for number in SIGNALS:
        signal.signal(number, _stop)
    arguments = sys.argv[1:] if argv is None else list(argv)
    try:
        return app.main(args=arguments, prog_name="pipeline", standalone_mode=False) or 0
    except click.ClickException as error:
        return _misused(error, arguments)
    except (KeyboardInterrupt, click.Abort):
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        return int(ExitCode.ERROR)
    except Exception as error:  # noqa: BLE001  # the last boundary: whatever it is, it is ours
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return _no_room(error)
        traceback.print_exception(error)
        print("error: this is a defect of pipeline; please report it with the lines above", file=sys.stderr)  # noqa: T201
        return int(ExitCode.ERROR)


def _no_room(error: OSError) -> int:
    """Help, for which there is no room where it is to go, or a file of ours."""
    from pipeline.reports.errors import text  # noqa: PLC0415

    where = error.filename or "standard output"
    print(text(Unavailable("there is no room to write", where=where, why=error.strerror)), file=sys.stderr)  # noqa: T201
    return int(ExitCode.UNAVAILABLE)


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
    _exit(code)


def _exit(code: int) -> NoReturn:
    """Leave without taking apart what is in memory, which is all that is left: that costs as much as a step.

    What others have asked to be called at the end is called. What we had to say is written by now, or told.
    """
    atexit._run_exitfuncs()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]  # has no public name
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(code)


def _misused(error: click.ClickException, arguments: Sequence[str]) -> int:
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
