"""Static findings on the text of migrations; the door to the rules, which load PostgreSQL's grammar."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from pipeline.findings import Finding


class Direction(Enum):
    """Which way a script goes."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Subject:
    """One script as the formats know it, in plain values.

    ``path`` is the file for people, ``sql`` the text that is executed, ``label`` names the migration.
    """

    path: str
    sql: str
    label: str = ""
    direction: Direction = Direction.UP
    repeatable: bool = False
    has_down: bool = False
    irreversible: bool = False


def lint(subjects: Sequence[Subject], pending: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Findings on the scripts of the ``pending`` labels (all, if None), in the order of the release.

    ``subjects`` are in that order too: a table that an earlier pending migration creates counts as new.
    A script that the grammar rejects is an error finding, ``unreadable-sql``.
    """
    # The rules load the grammar: only who lints pays for it.
    from pipeline.sql.rules.run import findings  # noqa: PLC0415

    return tuple(findings([subject for subject in subjects if pending is None or subject.label in pending]))
