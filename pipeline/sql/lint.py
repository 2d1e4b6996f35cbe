"""Static findings on the text of migrations; the door to the rules, which load PostgreSQL's grammar."""

from collections.abc import Collection, Sequence

from pipeline.findings import Finding
from pipeline.sql.subject import Subject


def lint(subjects: Sequence[Subject], pending: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Findings on the scripts of the ``pending`` labels (all, if None), in the order of the release.

    ``subjects`` are in that order too: a table that an earlier pending migration creates counts as new.
    A script that the grammar rejects is an error finding, ``unreadable-sql``.
    """
    # The rules load the grammar: only who lints pays for it.
    from pipeline.sql.rules.run import findings  # noqa: PLC0415

    return tuple(findings([subject for subject in subjects if pending is None or subject.label in pending]))
