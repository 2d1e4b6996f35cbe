"""The scripts of a release as the lint wants them: up scripts in order, each followed by its down script."""

from collections.abc import Iterator

from pipeline.formats.model import Kind, Migration, Release
from pipeline.sql.subject import Direction, Subject


def subjects(release: Release) -> tuple[Subject, ...]:
    """Every script of the release, in plain values."""
    return tuple(subject for migration in release.migrations for subject in _subjects(migration))


def _subjects(migration: Migration) -> Iterator[Subject]:
    up, down = migration.up, migration.down
    yield Subject(
        up.file.shown,
        up.sql,
        migration.label,
        repeatable=migration.kind is Kind.REPEATABLE,
        has_down=down is not None,
        irreversible=migration.irreversible is not None,
        separate=up.separate,
    )
    if down is not None:
        yield Subject(down.file.shown, down.sql, migration.label, Direction.DOWN, separate=down.separate)
