"""What is wrong with a configuration file: all of it at once, with places, and never a secret.

A complaint names a key, a problem names a place in the file; every text of the file that is repeated to
people goes through ``shown``, which leaves out whatever could carry credentials.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from pipeline.errors import ConfigurationError
from pipeline.findings import Location

KeyPath: TypeAlias = tuple[str | int, ...]

_TOLD = 50
_LONGEST = 60


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it stands, and how to put it right."""

    location: Location
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" + (f"; {self.hint}" if self.hint else "")


@dataclass(frozen=True)
class Complaint:
    """A problem before it has a place: the key it is about, or (``on_key``) the name of that key itself."""

    path: KeyPath
    message: str
    hint: str | None = None
    on_key: bool = False


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


def shown(text: str) -> str:
    """Text of the file as it may be repeated: short, printable, and nothing that looks like a connection."""
    if len(text) > _LONGEST or "://" in text or "@" in text or "password" in text.lower():
        return "(not shown)"
    return "".join(character if character.isprintable() else "?" for character in text)


def dotted(path: KeyPath) -> str:
    """A key as people write it: ``environments.prod.verify[0].sql``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in path)
    return text.removeprefix(".")


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """The question after a misspelt word, if one of the known words is near."""
    near = get_close_matches(word, known, n=1) if len(word) <= _LONGEST else []
    return f"did you mean `{near[0]}`?" if near else None


def listed(words: Iterable[str]) -> str:
    """Words for a sentence: ``a, b, c``."""
    return ", ".join(words)
