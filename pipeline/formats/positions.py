"""Where a target lies in an ordered release, for the formats that order by file and not by version."""

from pipeline.formats import problems
from pipeline.formats.model import Release


def last_wanted(release: Release, target: str | None) -> int:
    """How many migrations, from the first, are wanted. Raises ConfigurationError for an unknown target."""
    labels = [migration.label for migration in release.migrations]
    if target is None:
        return len(labels)
    if target not in labels:
        raise problems.no_such_target(target, labels[-1] if labels else "none at all")
    return labels.index(target) + 1
