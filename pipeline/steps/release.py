"""Read the migrations: files once, into a release that is executed from memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.config.project import Project
from pipeline.errors import ConfigurationError, Refused
from pipeline.findings import Finding
from pipeline.formats import FORMATS, folder
from pipeline.formats.conversion.note import NAME, Note, parse
from pipeline.formats.files import read_folder
from pipeline.formats.model import NOWHERE, Event, Kind, Migration, Reading, Release, Script, Surroundings
from pipeline.formats.subjects import subjects
from pipeline.postgres.work import ALONE, Around, Part
from pipeline.sql.block import inner
from pipeline.sql.lint import lint
from pipeline.sql.split import taken_apart
from pipeline.sql.statements import Statement, Unknown
from pipeline.sql.unreadable import UnreadableSql

ONLY_BY_TOOL = frozenset({"only-by-tool", "callback"})
"""The rules that tell of what we do not run or call."""
JAVA = "JDBC"
"""The ledger's word for migrations in Java."""
_MAY_COMMIT = frozenset({"CALL", "DO"})


@dataclass(frozen=True)
class Prepared:
    """A migration with its scripts taken apart, ready to run."""

    migration: Migration
    up: tuple[Statement, ...]
    down: tuple[Statement, ...]
    around: Around = ALONE

    @property
    def repeatable(self) -> bool:
        """Whether it runs again whenever its text changes."""
        return self.migration.kind is Kind.REPEATABLE


@dataclass(frozen=True)
class Called:
    """A callback with its script taken apart, ready to be called at its event."""

    event: Event
    part: Part


def read_release(project: Project, place: Surroundings = NOWHERE) -> Reading:
    """Read the migrations folder, for the ``place`` where they are to run if there is one.

    The reading carries every finding, those that refuse among them.
    """
    migrations = project.migrations
    reading = folder.read_release(
        FORMATS[migrations.format], project.root, migrations.path, migrations.options, place
    )
    return _as_the_tool_reads(reading) if migrations.by_tool else reading


def _as_the_tool_reads(reading: Reading) -> Reading:
    """What only the real tool can run or call is nothing to complain of where it does so.

    A Java class it finds compiled only, and not by the source that lies among the migrations.
    """
    java = {one.up.file.shown for one in reading.release.migrations if one.type == JAVA}
    kept = (
        one
        for one in reading.findings
        if one.rule not in ONLY_BY_TOOL or (one.location is not None and one.location.file in java)
    )
    return replace(reading, findings=tuple(kept))


def options_of(project: Project) -> Mapping[str, object]:
    """The format's options, those of the tool's own configuration files included."""
    migrations = project.migrations
    own = folder.configured(FORMATS[migrations.format], project.root, migrations.path, migrations.options)
    return own.options


def home_of(project: Project, release: Release) -> str:
    """The folder (relative to the project) in which the next migration belongs: where the last one is."""
    if release.migrations:
        file = release.migrations[-1].up.file
        return file.shown.removesuffix(file.path).rstrip("/")
    tool, migrations = FORMATS[project.migrations.format], project.migrations
    first, *_ = tool.folders(migrations.path, options_of(project))
    return str(first.relative_to(project.root)) if first.is_absolute() else str(first)


def read_note(project: Project) -> Note | None:
    """What a conversion left beside the migrations. Raises ConfigurationError where that is broken."""
    path = project.migrations.path
    if not (path / NAME).is_file():
        return None
    found, findings = read_folder(project.root, path, wanted=frozenset({NAME}).__contains__)
    made = parse(found[0].content) if found and not findings else None
    if made is None:
        raise ConfigurationError(
            f"{NAME} is not what `pipeline convert` has written",
            where=project.migrations.show(NAME),
            todo="bring it back as it was; or remove it once nobody needs the ledger of the tool before",
        )
    return made


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


def must_be_showable(findings: Sequence[Finding]) -> None:
    """Raise Refused where no status can be told; what only the real tool can run has one all the same."""
    must_be_readable([finding for finding in findings if finding.rule not in ONLY_BY_TOOL])


def lint_migrations(release: Release, migrations: Sequence[Migration]) -> tuple[Finding, ...]:
    """What the rules say about these migrations of a release, and about scripts that cannot be read."""
    return lint(subjects(release), {migration.label for migration in migrations})


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
    return tuple(replace(one, outcome=one.outcome or Unknown(one.kind)) for one in statements)
