"""Flyway's callbacks: which of them a run of ours calls, when, and in which order.

A callback whose work Flyway itself would roll back, and one of a command that is not ours, is passed over
with a finding.
"""

from collections.abc import Mapping
from enum import Enum

from pipeline.formats.model import Event


class Around(Enum):
    """A callback in the transaction of each migration."""

    BEFORE = "before"
    AFTER = "after"


RUN: Mapping[str, Event] = {
    "afterConnect": Event.BEGIN,
    "beforeValidate": Event.BEGIN,
    "afterValidate": Event.BEGIN,
    "createSchema": Event.BEGIN,
    "beforeCreateSchema": Event.BEGIN,
    "beforeMigrate": Event.BEGIN,
    "afterVersioned": Event.VERSIONED,
    "beforeRepeatables": Event.REPEATABLES,
    "afterMigrateApplied": Event.END,
    "afterMigrate": Event.END,
    "afterMigrateError": Event.FAILED,
}
"""Those on their own, in the order in which Flyway calls them."""

EACH: Mapping[str, Around] = {"beforeEachMigrate": Around.BEFORE, "afterEachMigrate": Around.AFTER}

REFUSED = frozenset({"beforeEachMigrateStatement", "afterEachMigrateStatement", "beforeConnect"})
"""Those that would change what a migration does, and that we cannot call."""


def order(event: str, description: str) -> tuple[int, bytes]:
    """Where a callback stands among all: by event, then by its description as Java compares texts."""
    known = [*RUN, *EACH]
    return known.index(event), description.encode("utf-16-be", errors="surrogatepass")
