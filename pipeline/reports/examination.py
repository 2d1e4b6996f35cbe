"""What was looked at, and how it is."""

from collections.abc import Sequence
from typing import Protocol


class Looked(Protocol):
    """One thing that was looked at."""

    @property
    def name(self) -> str:
        """What."""
        ...

    @property
    def good(self) -> bool | None:
        """How it is; None: worth knowing, nothing to mend."""
        ...

    @property
    def words(self) -> str:
        """What was seen."""
        ...

    @property
    def todo(self) -> str | None:
        """What to do about it."""
        ...


MARKS = {True: "✓", False: "✗", None: "–"}


def text(looked: Sequence[Looked]) -> str:
    """A line for each, and below it what to do."""
    width = max(len(one.name) for one in looked)
    return "\n".join(
        f"{MARKS[one.good]} {one.name:<{width}}  {one.words}" + (f"\n  to do: {one.todo}" if one.todo else "")
        for one in looked
    )


def document(looked: Sequence[Looked]) -> dict[str, object]:
    """The same as plain data."""
    return {
        "good": all(one.good is not False for one in looked),
        "checks": [
            {"name": one.name, "good": one.good, "words": one.words, "todo": one.todo} for one in looked
        ],
    }
