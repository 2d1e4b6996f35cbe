"""A folder of files becomes a Flyway release: versioned migrations by version, then the repeatables by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from posixpath import basename, splitext
from typing import TypeVar

from pipeline.findings import Finding, Location, Severity
from pipeline.formats import release
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.flyway.naming import Misnamed, Name, Role, Version, parse, without_suffix
from pipeline.formats.flyway.placeholders import replace
from pipeline.formats.flyway.settings import Settings
from pipeline.formats.interface import Kind, Migration, Reading, Script, SourceFile
from pipeline.formats.text import BOM, decode
from pipeline.sql import directives
from pipeline.sql.locate import position

_Key = TypeVar("_Key", Version, str)

_SCRIPTS = frozenset({".sh", ".bash", ".py", ".ps1", ".bat", ".cmd", ""})
_PROGRAMS = frozenset({".java", ".class", ".kt", ".groovy", ".scala", ".jar"})
_CONFIGURATIONS = frozenset({"flyway.conf", "flyway.toml", "flyway.user.toml"})


def wanted(settings: Settings) -> Callable[[str], bool]:
    """Folders that are not hidden, and every file that Flyway might look at."""

    def wants(path: str) -> bool:
        if path.endswith("/"):
            return not basename(path[:-1]).startswith(".")
        name = basename(path)
        return without_suffix(name, settings) is not None or _other(name, settings) is not None

    return wants


def _other(name: str, settings: Settings) -> str | None:
    """What a file without an SQL suffix is to Flyway, or None if Flyway never looks at it."""
    if name in _CONFIGURATIONS:
        return "a configuration file"
    stem, extension = splitext(name)
    if extension == ".conf" and without_suffix(stem, settings) is not None:
        return "a script configuration"
    migration = isinstance(parse(stem + settings.suffixes[0], settings), Name)
    if migration and extension in _SCRIPTS:
        return "a script migration"
    return "a Java migration" if migration and extension in _PROGRAMS else None


def read(files: Sequence[SourceFile], settings: Settings) -> Reading:
    """The release in ``files``; whatever Flyway would look at and we do not run is an error finding."""
    gathering = _Gathering(settings)
    for file in files:
        if not file.path.endswith("/"):
            gathering.take(file)
    return Reading(release.make("flyway", gathering.migrations()), tuple(gathering.findings))


@dataclass
class _Gathering:
    settings: Settings
    versioned: dict[Version, tuple[Name, SourceFile]] = field(
        default_factory=dict[Version, tuple[Name, SourceFile]]
    )
    undo: dict[Version, tuple[Name, SourceFile]] = field(default_factory=dict[Version, tuple[Name, SourceFile]])
    repeatable: dict[str, tuple[Name, SourceFile]] = field(default_factory=dict[str, tuple[Name, SourceFile]])
    findings: list[Finding] = field(default_factory=list[Finding])

    def take(self, file: SourceFile) -> None:
        name = parse(basename(file.path), self.settings)
        match name:
            case None:
                self._unsupported(file, _other(basename(file.path), self.settings) or "no migration")
            case Misnamed():
                self._misnamed(file, name)
            case Name(role=Role.CALLBACK):
                self._unsupported(file, "a callback")
            case Name(role=Role.BASELINE):
                self._unsupported(file, "a baseline migration")
            case Name(role=Role.REPEATABLE):
                self._unique(self.repeatable, name.description, name, file)
            case Name(role=Role.UNDO, version=Version() as version):
                self._unique(self.undo, version, name, file)
            case Name(version=Version() as version):
                self._unique(self.versioned, version, name, file)
            case _:
                self._unsupported(file, "no migration")

    def _unique(
        self, into: dict[_Key, tuple[Name, SourceFile]], key: _Key, name: Name, file: SourceFile
    ) -> None:
        if key in into:
            what = f"version {name.version.text}" if name.version else f'repeatable "{name.description}"'
            message = f"{what} is there twice: {into[key][1].path} and {file.path}"
            self._say("duplicate", file, message, "rename one of the two files")
        else:
            into[key] = (name, file)

    def migrations(self) -> list[Migration]:
        """Everything that could be read, in Flyway's order."""
        for version in sorted(self.undo.keys() - self.versioned.keys()):
            file = self.undo[version][1]
            self._say(
                "undo-without-migration",
                file,
                f"there is no migration {version.text} to undo",
                "add it, or remove this file",
            )
        ordered = [self.versioned[version] for version in sorted(self.versioned)]
        ordered += [
            self.repeatable[key] for key in sorted(self.repeatable, key=lambda text: text.encode("utf-16-be"))
        ]
        migrations = (self._migration(name, file) for name, file in ordered)
        return [migration for migration in migrations if migration is not None]

    def _migration(self, name: Name, file: SourceFile) -> Migration | None:
        text = self._text(file)
        if text is None:
            return None
        declared = directives.read(text, file.shown)
        self.findings.extend(declared.findings)
        up = self._script(file, text)
        repeatable = name.version is None
        return Migration(
            Kind.REPEATABLE if repeatable else Kind.VERSIONED,
            name.version.text if name.version else None,
            name.description,
            file.path,
            up,
            None if name.version is None else self._down(name.version),
            checksum(replace(text, basename(file.path), self.settings).text if repeatable else text),
            declared.irreversible,
        )

    def _down(self, version: Version) -> Script | None:
        if version not in self.undo:
            return None
        file = self.undo[version][1]
        text = self._text(file)
        return None if text is None else self._script(file, text)

    def _text(self, file: SourceFile) -> str | None:
        decoded = decode(file, encoding=self.settings.encoding, bom=True)
        self.findings.extend(decoded.findings)
        return decoded.text

    def _script(self, file: SourceFile, text: str) -> Script:
        replaced = replace(text, basename(file.path), self.settings)
        for offset, problem in replaced.problems:
            place = Location(file.shown, *position(text, offset))
            hint = "add it to migrations.options.placeholders, or set placeholderReplacement to false"
            self.findings.append(Finding("placeholder", Severity.ERROR, problem, place, hint))
        return Script(file, replaced.text.replace(BOM, ""))

    def _misnamed(self, file: SourceFile, name: Misnamed) -> None:
        refused = name.intended or self.settings.strict_names
        message = f"{file.path} is not a migration for Flyway: {name.why}"
        hint = "rename it, or move it out of the migrations folder"
        self._say("file-name", file, message, hint, Severity.ERROR if refused else Severity.WARNING)

    def _unsupported(self, file: SourceFile, what: str) -> None:
        message = f"{file.path} is {what} to Flyway, which is not built yet here"
        self._say(
            "unsupported-file", file, message, "move it out of the migrations folder, or run it with Flyway"
        )

    def _say(
        self, rule: str, file: SourceFile, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.findings.append(Finding(rule, severity, message, Location(file.shown), hint))
