"""Read the migrations: files once, into a release that is executed from memory."""

from collections.abc import Mapping, Sequence

from pipeline.config.project import Project
from pipeline.errors import ConfigurationError, Refused
from pipeline.findings import Finding
from pipeline.formats import FORMATS, folder
from pipeline.formats.conversion.note import NAME, Note, parse
from pipeline.formats.files import INSIDE, read_folder
from pipeline.formats.model import NOWHERE, Reading, Release, Surroundings

ONLY_BY_TOOL = frozenset({"only-by-tool", "callback"})
"""The rules that tell of what we do not run or call."""
JAVA = "JDBC"
"""The ledger's word for migrations in Java."""


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

    A Java class it finds compiled only, in a jar, and not by the source that lies among the migrations.
    """
    sources = (one.up.file.shown for one in reading.release.migrations if one.type == JAVA)
    java = {shown for shown in sources if INSIDE not in shown}
    kept = (
        one
        for one in reading.findings
        if one.rule not in ONLY_BY_TOOL or (one.location is not None and one.location.file in java)
    )
    return reading._replace(findings=tuple(kept))


def options_of(project: Project) -> Mapping[str, object]:
    """The format's options, those of the tool's own configuration files included."""
    migrations = project.migrations
    own = folder.configured(FORMATS[migrations.format], project.root, migrations.path, migrations.options)
    return own.options


def home_of(project: Project, release: Release) -> str:
    """The folder (relative to the project) in which the next migration belongs: where the last one is."""
    files = [one.up.file for one in release.migrations if INSIDE not in one.up.file.shown]
    if files:
        file = files[-1]
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
