"""Before the scripts of a release run: what the rules say of them, and their statements, one by one."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.errors import Refused
from pipeline.findings import Finding
from pipeline.formats.model import Event, Kind, Migration, Release, Script
from pipeline.formats.subjects import subjects
from pipeline.postgres.work import ALONE, Around, Part
from pipeline.sql.block import inner
from pipeline.sql.lint import lint
from pipeline.sql.split import taken_apart
from pipeline.sql.statements import Statement, Unknown
from pipeline.sql.unreadable import UnreadableSql

_MAY_COMMIT = frozenset({"CALL", "DO"})


class Prepared(NamedTuple):
    """A migration with its scripts taken apart, ready to run."""

    migration: Migration
    up: tuple[Statement, ...]
    down: tuple[Statement, ...]
    around: Around = ALONE

    @property
    def repeatable(self) -> bool:
        """Whether it runs again whenever its text changes."""
        return self.migration.kind is Kind.REPEATABLE


class Called(NamedTuple):
    """A callback with its script taken apart, ready to be called at its event."""

    event: Event
    part: Part


def lint_migrations(release: Release, migrations: Sequence[Migration]) -> tuple[Finding, ...]:
    """What the rules say about these migrations of a release and its callbacks, unreadable scripts included."""
    called = [script.file.path for script in release.called] if migrations else []
    return lint(subjects(release), {*(migration.label for migration in migrations), *called})


def prepare(migration: Migration, *, by_tool: bool = False) -> Prepared:
    """Take the scripts of a migration apart.

    Raises Refused where the grammar cannot read one, and where only the format's own tool can run it, unless
    it is to be applied ``by_tool``.
    """
    if migration.only_by_tool is not None and not by_tool:
        raise Refused(
            f"{migration.title} is {migration.only_by_tool}, which we cannot run",
            where=migration.up.file.shown,
        )
    return Prepared(
        migration=migration,
        up=_statements(migration.up),
        down=_statements(migration.down) if migration.down else (),
        around=Around(_parts(migration.before), _parts(migration.after)),
    )


def _parts(scripts: Sequence[Script]) -> tuple[Part, ...]:
    return tuple(Part(script, _statements(script)) for script in scripts)


def callbacks(release: Release) -> tuple[Called, ...]:
    """The release's callbacks, taken apart. Raises Refused where the grammar cannot read one."""
    return tuple(
        Called(callback.event, Part(callback.script, _statements(callback.script)))
        for callback in release.callbacks
    )


def _statements(script: Script) -> tuple[Statement, ...]:
    try:
        statements = taken_apart(script.sql)
    except UnreadableSql as error:
        raise Refused(
            f"this SQL cannot be read: {error.message}",
            where=f"{script.file.shown}:{error.line}:{error.column}",
        ) from error
    found = statements[inner(statements)]
    return _one_by_one(found) if script.separate else found


def _one_by_one(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """A script whose statements are meant to run apart: they do where one of them must, or may commit itself.

    Nothing in the catalog tells of an ordinary statement that it has run; where no statement asks for it, the
    whole script is one transaction all the same, so that a failure leaves nothing.
    """
    if all(one.transactional and one.kind not in _MAY_COMMIT for one in statements):
        return statements
    return tuple(one._replace(outcome=one.outcome or Unknown(one.kind)) for one in statements)
