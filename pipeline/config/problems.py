"""What is wrong with a configuration file: all of it at once, with places, and never a secret.

A complaint (``pipeline.shapes``) names a key, a problem names a place in the file.
"""

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.errors import ConfigurationError
from pipeline.findings import Location

_TOLD = 50


class Problem(NamedTuple):
    """One thing that is wrong, where it stands, and how to put it right."""

    location: Location
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" + (f"; {self.hint}" if self.hint else "")


class InvalidConfiguration(ConfigurationError):
    """The file can be read but not used; ``problems`` holds everything that is wrong, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=_order))
        only = self.problems[0] if len(self.problems) == 1 else None
        if only is not None:
            super().__init__(only.message, where=str(only.location), todo=only.hint)
        else:
            file = self.problems[0].location.file
            super().__init__(f"{file} has {len(self.problems)} problems", where=file, why=self.text)

    @property
    def text(self) -> str:
        """One line per problem (the first fifty), as editors and terminals link them."""
        lines = [str(problem) for problem in self.problems[:_TOLD]]
        left = len(self.problems) - len(lines)
        return "\n".join([*lines, f"… and {left} more"] if left else lines)


def _order(problem: Problem) -> tuple[int, int, str]:
    return (problem.location.line or 0, problem.location.column or 0, problem.message)
