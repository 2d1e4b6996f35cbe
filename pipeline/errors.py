"""Why we stop: whose turn it is, the exit code, and what to do next.

Every ending of the program is on this page. An error says *what* happened, *where* (``file:line:column``
or a server and database), *why*, and *what to do*; ``cli`` is the only place that turns it into an exit.
Findings are results and not exceptions: *refused* is not *failed*.
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The process exit codes; each number has one meaning (see the README)."""

    OK = 0
    ERROR = 1
    DIFFERS = 2
    REFUSED = 3
    WAITING = 4
    BUSY = 5
    FAILED = 6
    NEEDS_HUMAN = 7
    UNKNOWN = 8
    USAGE = 64
    UNAVAILABLE = 69
    INTERRUPTED = 130


class PipelineError(Exception):
    """An error of ours, and the root of all others."""

    exit_code: ClassVar[ExitCode] = ExitCode.ERROR

    def __init__(
        self, what: str, *, where: str | None = None, why: str | None = None, todo: str | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.todo = todo


class ConfigurationError(PipelineError):
    """The command line or environments.yaml cannot be used as written."""

    exit_code = ExitCode.USAGE


class Unavailable(PipelineError):
    """A server, a program or an engine that we need is not there."""

    exit_code = ExitCode.UNAVAILABLE


class Refused(PipelineError):
    """A gate, check, lint or proof said no; nothing was changed."""

    exit_code = ExitCode.REFUSED


class Busy(PipelineError):
    """Somebody else holds the lock; nothing was changed."""

    exit_code = ExitCode.BUSY


class Failed(PipelineError):
    """The act failed and was rolled back; nothing of it remains."""

    exit_code = ExitCode.FAILED


class NeedsHuman(PipelineError):
    """The act failed half-way; the message says which statement ran and what the ledger says."""

    exit_code = ExitCode.NEEDS_HUMAN


class OutcomeUnknown(PipelineError):
    """The connection was lost at COMMIT and the outcome could not be learned."""

    exit_code = ExitCode.UNKNOWN


class Interrupted(PipelineError):
    """Stopped by a signal at a safe point."""

    exit_code = ExitCode.INTERRUPTED
