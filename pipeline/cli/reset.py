"""``pipeline reset ENV``: forget an embedded environment."""

import sys

from pipeline.cli.runs import context
from pipeline.cli.verb import NAMED, YES, verb
from pipeline.cli.voice import Voice
from pipeline.errors import ConfigurationError, ExitCode


@verb(NAMED, YES)
def reset(voice: Voice, environment: str, *, yes: bool) -> ExitCode:
    """Stop and delete the embedded database of an environment; only those we keep ourselves."""
    from pipeline.config.project import EmbeddedDatabase  # noqa: PLC0415  # --help must not pay for it
    from pipeline.throwaway.embedded import forget  # noqa: PLC0415

    asked = context(voice, environment).environment
    if not isinstance(asked.database, EmbeddedDatabase):
        raise ConfigurationError(
            f"{environment} is not an embedded database",
            why="only a database that this tool keeps itself can be reset",
        )
    if not (yes or _confirmed(environment)):
        raise ConfigurationError("not confirmed", todo=f"pipeline reset {environment} --yes")
    gone = asked.database.path.exists()
    forget(asked.database.path)
    words = "forgotten" if gone else "nothing was there"
    voice.result(f"✓ {environment}: {words}", {"environment": environment, "deleted": gone})
    return ExitCode.OK


def _confirmed(environment: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"Delete the database of {environment} and all its rows? Type its name: ", end="", file=sys.stderr)  # noqa: T201
    return input().strip() == environment
