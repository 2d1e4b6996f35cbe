"""What became of one check, in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One check by name: whether it holds, and what was seen."""

    name: str
    holds: bool
    words: str
