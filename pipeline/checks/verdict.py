"""What became of one check, in words."""

from typing import NamedTuple


class Verdict(NamedTuple):
    """One check by name: whether it holds, and what was seen."""

    name: str
    holds: bool
    words: str
