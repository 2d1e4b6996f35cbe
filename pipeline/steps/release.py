"""Read the migrations: files once, into a release that is executed from memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config.project import Project
from pipeline.errors import Refused
from pipeline.findings import Finding, Location, Severity
from pipeline.formats import FORMATS
from pipeline.formats.files import read_folder
from pipeline.formats.interface import Kind, Migration, Reading, Script
from pipeline.sql.lint import Subject, lint
from pipeline.sql.split import UnreadableSql, split
from pipeline.sql.statements import Statement


@dataclass(frozen=True)
class Prepared:
    """A migration with its scripts taken apart, ready to run."""

    migration: Migration
    up: tuple[Statement, ...]
    down: tuple[Statement, ...]

    @property
    def repeatable(self) -> bool:
        """Whether it runs again whenever its text changes."""
        return self.migration.kind is Kind.REPEATABLE


def read_release(project: Project) -> Reading:
    """Read the migrations folder. The reading carries every finding, those that refuse among them."""
    files, seen = read_folder(project.root, project.migrations.path)
    reading = FORMATS[project.migrations.format].read(files, project.migrations.options)
    return Reading(reading.release, (*seen, *reading.findings))


def must_be_readable(findings: Sequence[Finding]) -> None:
    """Raise Refused when a finding closes the way, with all that do."""
    refusing = [finding for finding in findings if finding.refuses]
    if refusing:
        first = refusing[0]
        more = f" (and {len(refusing) - 1} more)" if len(refusing) > 1 else ""
        raise Refused(
            f"{first.message}{more}",
            where=str(first.location) if first.location else None,
            why=f"rule {first.rule}",
            todo=first.hint,
        )


def prepare(migration: Migration) -> Prepared:
    """Take the scripts of a migration apart. Raises Refused where the grammar cannot read one."""
    return Prepared(
        migration=migration,
        up=_statements(migration.up),
        down=_statements(migration.down) if migration.down else (),
    )


def lint_migrations(migrations: Sequence[Migration]) -> tuple[Finding, ...]:
    """What the rules say about these migrations, and about scripts that cannot be read."""
    unreadable = tuple(
        finding
        for migration in migrations
        for script in (migration.up, migration.down)
        if script is not None and (finding := _unreadable(script)) is not None
    )
    if unreadable:
        return unreadable
    return lint([_subject(migration) for migration in migrations])


def _subject(migration: Migration) -> Subject:
    return Subject(
        path=migration.up.file.shown,
        sql=migration.up.sql,
        has_down=migration.down is not None,
        irreversible=migration.irreversible is not None,
        repeatable=migration.kind is Kind.REPEATABLE,
    )


def _statements(script: Script) -> tuple[Statement, ...]:
    try:
        return split(script.sql)
    except UnreadableSql as error:
        raise Refused(
            f"this SQL cannot be read: {error.message}",
            where=f"{script.file.shown}:{error.line}:{error.column}",
        ) from error


def _unreadable(script: Script) -> Finding | None:
    try:
        split(script.sql)
    except UnreadableSql as error:
        return Finding(
            rule="unreadable",
            severity=Severity.ERROR,
            message=f"this SQL cannot be read: {error.message}",
            location=Location(script.file.shown, error.line, error.column),
        )
    return None
