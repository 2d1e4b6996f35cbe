"""The scripts of a release as the lint wants them: up scripts in order, each followed by its down script.

Callbacks come last.
"""

from collections.abc import Iterator

from pipeline.formats.model import Kind, Migration, Release, Script
from pipeline.sql.subject import Direction, Subject


def subjects(release: Release) -> tuple[Subject, ...]:
    """Every script of the release, in plain values."""
    migrations = [subject for migration in release.migrations for subject in _subjects(migration)]
    return (*migrations, *(_called(script) for script in release.called))


def _called(script: Script) -> Subject:
    return Subject(script.file.shown, script.sql, script.file.path, Direction.CALL, separate=script.separate)


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
