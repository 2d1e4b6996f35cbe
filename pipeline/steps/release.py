"""Read the migrations: files once, into a release that is executed from memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.config.project import Project
from pipeline.errors import Refused
from pipeline.findings import Finding
from pipeline.formats import FORMATS, folder
from pipeline.formats.interface import Kind, Migration, Reading, Release, Script
from pipeline.formats.subjects import subjects
from pipeline.sql.block import inner
from pipeline.sql.lint import lint
from pipeline.sql.split import split
from pipeline.sql.statements import Statement
from pipeline.sql.unreadable import UnreadableSql


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
    migrations = project.migrations
    return folder.read_release(FORMATS[migrations.format], project.root, migrations.path, migrations.options)


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


def lint_migrations(release: Release, migrations: Sequence[Migration]) -> tuple[Finding, ...]:
    """What the rules say about these migrations of a release, and about scripts that cannot be read."""
    return lint(subjects(release), {migration.label for migration in migrations})


def prepare(migration: Migration) -> Prepared:
    """Take the scripts of a migration apart. Raises Refused where the grammar cannot read one."""
    return Prepared(
        migration=migration,
        up=_statements(migration.up),
        down=_statements(migration.down) if migration.down else (),
    )


def _statements(script: Script) -> tuple[Statement, ...]:
    try:
        statements = split(script.sql)
    except UnreadableSql as error:
        raise Refused(
            f"this SQL cannot be read: {error.message}",
            where=f"{script.file.shown}:{error.line}:{error.column}",
        ) from error
    return statements[inner(statements)]
