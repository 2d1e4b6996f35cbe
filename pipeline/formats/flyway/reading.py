"""Folders of files become a Flyway release: versioned migrations by version, then the repeatables by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from posixpath import splitext
from typing import NamedTuple, TypeVar

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.flyway import callbacks, jars, rows
from pipeline.formats.flyway.callbacks import Around
from pipeline.formats.flyway.checksum import checksum
from pipeline.formats.flyway.locations import is_below, placed
from pipeline.formats.flyway.naming import Misnamed, Name, Role, Version, parse, without_suffix
from pipeline.formats.flyway.placeholders import replace
from pipeline.formats.flyway.script_settings import SUFFIX, AllScriptSettings, ScriptSettings
from pipeline.formats.flyway.settings import Settings
from pipeline.formats.model import Callback, Kind, Migration, Reading, Release, Script, SourceFile, Surroundings
from pipeline.formats.text import BOM, decode
from pipeline.sql import directives
from pipeline.sql.locate import position

_Key = TypeVar("_Key", Version, str)

_SCRIPTS = frozenset({".sh", ".bash", ".py", ".ps1", ".bat", ".cmd", ""})
_PROGRAMS = frozenset({".java", ".class", ".kt", ".groovy", ".scala", ".jar"})
_JAVA = "JDBC"
_JAR = ".jar"
_KINDS = {Role.VERSIONED: Kind.VERSIONED, Role.REPEATABLE: Kind.REPEATABLE, Role.BASELINE: Kind.BASELINE}


def wanted(settings: Settings) -> Callable[[str], bool]:
    """Folders that are not hidden, and every file that Flyway might look at."""

    def wants(path: str) -> bool:
        if path.endswith("/"):
            return not _last(path[:-1]).startswith(".")
        if path.endswith(settings.suffixes):  # as most do
            return True
        name = _last(path)
        return (
            without_suffix(name, settings) is not None
            or _is_script_settings(name, settings)
            or _by_tool(name, settings) is not None
            or _is_jar(name, settings)
        )

    return wants


def _last(path: str) -> str:
    """The name without its folders; asked for of every file, several times."""
    return path[path.rfind("/") + 1 :]


def _is_jar(name: str, settings: Settings) -> bool:
    return bool(settings.jar_dirs) and name.lower().endswith(_JAR)


def _is_script_settings(name: str, settings: Settings) -> bool:
    return name.lower().endswith(SUFFIX) and without_suffix(name[: -len(SUFFIX)], settings) is not None


class _ByTool(NamedTuple):
    """A file that only Flyway itself can run: what it is, its ledger type and what its name says."""

    what: str
    type: str
    name: Name


def _by_tool(file: str, settings: Settings) -> _ByTool | None:
    stem, extension = splitext(file)
    name = parse(stem + settings.suffixes[0], settings)
    if not isinstance(name, Name):
        return None
    what = "callback" if name.role is Role.CALLBACK else "migration"
    if extension in _SCRIPTS:
        return _ByTool(f"a script {what}", "SCRIPT", name)
    return _ByTool(f"a Java {what}", _JAVA, name) if extension in _PROGRAMS else None


def read(files: Sequence[SourceFile], settings: Settings, place: Surroundings) -> Reading:
    """The release in ``files``; whatever Flyway would look at and we do not run is an error finding."""
    gathering = _Gathering(settings, place, AllScriptSettings(settings, place))
    for file in placed(files, settings):
        if not file.path.endswith("/"):
            gathering.take(file)
    return Reading(gathering.release(), tuple(gathering.findings))


class _Found(NamedTuple):
    """A file and what its name says; ``by_tool`` where only Flyway itself can run it."""

    name: Name
    file: SourceFile
    by_tool: _ByTool | None = None


@dataclass
class _Gathering:
    """The files so far, each under what makes it the only one of its sort."""

    settings: Settings
    place: Surroundings
    own_settings: AllScriptSettings
    versioned: dict[Version, _Found] = field(default_factory=dict[Version, _Found])
    baselines: dict[Version, _Found] = field(default_factory=dict[Version, _Found])
    undo: dict[Version, _Found] = field(default_factory=dict[Version, _Found])
    repeatable: dict[str, _Found] = field(default_factory=dict[str, _Found])
    callbacks: dict[str, _Found] = field(default_factory=dict[str, _Found])
    findings: list[Finding] = field(default_factory=list[Finding])

    def take(self, file: SourceFile) -> None:
        if self.settings.jar_dirs and is_below(file.shown, self.settings.jar_dirs):
            self._take_jar(file)
        else:
            self._take_file(file)

    def _take_jar(self, jar: SourceFile) -> None:
        if not _is_jar(jar.path, self.settings):
            return
        try:
            inside = jars.files(jar, jars.packages(self.settings))
        except jars.BrokenJar as error:
            self._say("file", jar, f"{jar.path} is not read: {error}", "build it anew")
            return
        for file in inside:
            if file.shown.endswith(jars.CLASS):
                self._take_class(file)
            elif without_suffix(file.path, self.settings) is not None or file.path.endswith(SUFFIX):
                self._take_file(file)

    def _take_class(self, file: SourceFile) -> None:
        name = file.path.rpartition(".")[2]
        if "$" not in name:  # a class inside of another
            self._take_by_tool(file, f"{name}{jars.CLASS}")

    def _take_file(self, file: SourceFile) -> None:
        name = _last(file.path)
        if _is_script_settings(name, self.settings):
            self.own_settings.take(file)
            return
        match parse(name, self.settings):
            case None:
                self._take_by_tool(file, name)
            case Misnamed() as misnamed:
                self._misnamed(file, misnamed)
            case Name() as parsed:
                self._take_named(_Found(parsed, file))

    def _take_by_tool(self, file: SourceFile, name: str) -> None:
        by_tool = _by_tool(name, self.settings)
        if by_tool is None:
            return
        message = f"{file.path} is {by_tool.what}, which only Flyway itself can run"
        tool = "" if by_tool.type == _JAVA else "let Flyway run the migrations (migrations.runner: tool), or "
        hint = f"{tool}write it in SQL"
        self._say("only-by-tool", file, message, hint)
        if by_tool.name.role in _KINDS:
            self._take_named(_Found(by_tool.name, file, by_tool))

    def _take_named(self, found: _Found) -> None:
        callbacks_in = self.settings.callback_locations
        only_callbacks = bool(callbacks_in) and is_below(found.file.shown, callbacks_in)
        if found.name.role is Role.CALLBACK:
            if only_callbacks or not callbacks_in:
                self._unique(self.callbacks, without_suffix(_last(found.file.path), self.settings) or "", found)
            return
        if only_callbacks:
            return
        version = found.name.version
        match found.name.role:
            case Role.VERSIONED if version is not None:
                self._unique(self.versioned, version, found)
            case Role.UNDO if version is not None:
                self._unique(self.undo, version, found)
            case Role.BASELINE if version is not None:
                self._unique(self.baselines, version, found)
            case _:
                self._unique(self.repeatable, found.name.description, found)

    def _unique(self, into: dict[_Key, _Found], key: _Key, found: _Found) -> None:
        first = into.setdefault(key, found)
        if first is found:
            return
        name = found.name
        what = f"version {name.version.text}" if name.version else f'{name.role.value} "{key}"'
        message = f"{what} is there twice: {first.file.path} and {found.file.path}"
        self._say("duplicate", found.file, message, "rename one of the two files")

    def release(self) -> Release:
        """Everything that could be read, in Flyway's order."""
        before, after = self._around(Around.BEFORE), self._around(Around.AFTER)
        called = [found for found in self._called() if found.name.prefix in callbacks.RUN]
        scripts = [(callbacks.RUN[found.name.prefix], self._whole_script(found)) for found in called]
        migrations = [self._migration(found, before, after) for found in self._ordered()]
        self._leftovers()
        return Release(
            "flyway",
            tuple(migration for migration in migrations if migration is not None),
            tuple(Callback(event, script) for event, script in scripts if script is not None),
            forgiven=self.settings.ignored or (),
        )

    def _ordered(self) -> list[_Found]:
        numbered = [*self.versioned.items(), *self.baselines.items()]
        ordered = [found for _, found in sorted(numbered, key=itemgetter(0))]
        names = sorted(self.repeatable, key=lambda text: text.encode("utf-16-be"))
        return ordered + [self.repeatable[name] for name in names]

    def _called(self) -> list[_Found]:
        """The callbacks that we call, in their order; what we do not call is told."""
        called: list[_Found] = []
        for found in self.callbacks.values():
            event = found.name.prefix
            if event in callbacks.RUN or event in callbacks.EACH:
                called.append(found)
        return sorted(called, key=lambda found: callbacks.order(found.name.prefix, found.name.description))

    def _around(self, where: Around) -> tuple[Script, ...]:
        found = [one for one in self._called() if callbacks.EACH.get(one.name.prefix) is where]
        scripts = (self._whole_script(one) for one in found)
        return tuple(script for script in scripts if script is not None)

    def _leftovers(self) -> None:
        for version in sorted(self.undo.keys() - self.versioned.keys()):
            message = f"there is no migration {version.text} to undo"
            self._say("undo-without-migration", self.undo[version].file, message, "add it, or remove this file")
        for file in self.own_settings.unused():
            message = f"{file.path} belongs to no script"
            self._say("script-settings", file, message, "rename it, or remove it", Severity.WARNING)
        for found in self.callbacks.values():
            self._not_called(found)

    def _not_called(self, found: _Found) -> None:
        event, path = found.name.prefix, found.file.path
        if event in callbacks.REFUSED:
            message = f"{path} is a callback that only Flyway itself can call"
            self._say("only-by-tool", found.file, message, "write it into the migrations")
        elif event not in callbacks.RUN and event not in callbacks.EACH:
            message = f"{path} is not called here: {event} belongs to what only Flyway itself does"
            hint = "put its work into a callback of the migration if it is needed"
            self._say("callback", found.file, message, hint, Severity.WARNING)

    def _migration(
        self, found: _Found, before: tuple[Script, ...], after: tuple[Script, ...]
    ) -> Migration | None:
        name, file = found.name, found.file
        own = self._own_settings(file)
        compiled = found.by_tool is not None and found.by_tool.type == _JAVA
        text = "" if compiled else self._text(file, own)
        if text is None:
            return None
        if found.by_tool is not None:
            return self._only_by_tool(found, text)
        declared = directives.read(text, file.shown)
        self.findings.extend(declared.findings)
        up = self._script(file, text, own)
        kind = _KINDS[name.role]
        return Migration(
            kind,
            name.version.text if name.version else None,
            name.description,
            file.path,
            up,
            self._down(name.version) if name.version and kind is Kind.VERSIONED else None,
            checksum(self._replaced(file, text, own) if kind is Kind.REPEATABLE else text),
            declared.irreversible,
            type=rows.SQL_BASELINE if kind is Kind.BASELINE else rows.SQL,
            before=before,
            after=after,
        )

    def _only_by_tool(self, found: _Found, text: str) -> Migration:
        """Its checksum counts for a script; a Java class has none unless it says so itself."""
        name, by_tool = found.name, found.by_tool
        script = Script(found.file, "")
        down = self._down(name.version) if name.version and name.role is Role.VERSIONED else None
        return Migration(
            _KINDS[name.role],
            name.version.text if name.version else None,
            name.description,
            found.file.path,
            script,
            down,
            checksum=checksum(text) if by_tool and by_tool.type == "SCRIPT" else None,
            irreversible=None if down else "only what wrote it knows what it does",
            type=by_tool.type if by_tool else None,
            only_by_tool=by_tool.what if by_tool else None,
        )

    def _down(self, version: Version) -> Script | None:
        found = self.undo.get(version) if self.undo else None  # a version is hashed slowly, and most have none
        return self._whole_script(found) if found else None

    def _whole_script(self, found: _Found) -> Script | None:
        own = self._own_settings(found.file)
        text = self._text(found.file, own)
        return None if text is None else self._script(found.file, text, own)

    def _own_settings(self, file: SourceFile) -> ScriptSettings:
        own = self.own_settings.of(file)
        self.findings.extend(own.findings)
        return own

    def _text(self, file: SourceFile, own: ScriptSettings) -> str | None:
        decoded = decode(file, encoding=own.encoding or self.settings.encoding, bom=True)
        self.findings.extend(decoded.findings)
        return decoded.text

    def _replaced(self, file: SourceFile, text: str, own: ScriptSettings) -> str:
        if not self._replaces(text, own):
            return text
        return replace(text, _last(file.path), self.settings, self.place).text

    def _replaces(self, text: str, own: ScriptSettings) -> bool:
        prefix = self.settings.placeholder_prefix
        if prefix[:1] not in text or prefix not in text:  # one character is found, or not, 60 times as fast
            return False
        return self.settings.replace if own.replace is None else own.replace

    def _script(self, file: SourceFile, text: str, own: ScriptSettings) -> Script:
        inside = self.settings.in_transaction if own.in_transaction is None else own.in_transaction
        if not self._replaces(text, own):
            return Script(file, text.replace(BOM, ""), separate=not inside)
        replaced = replace(text, _last(file.path), self.settings, self.place)
        for offset, problem in replaced.problems:
            place = Location(file.shown, *position(text, offset))
            hint = "add it to migrations.options.placeholders, or set placeholderReplacement to false"
            self.findings.append(Finding("placeholder", Severity.ERROR, problem, place, hint))
        return Script(file, replaced.text.replace(BOM, ""), separate=not inside)

    def _misnamed(self, file: SourceFile, name: Misnamed) -> None:
        refused = name.intended or self.settings.strict_names
        message = f"{file.path} is not a migration for Flyway: {name.why}"
        hint = "rename it, or move it out of the migrations folder"
        self._say("file-name", file, message, hint, Severity.ERROR if refused else Severity.WARNING)

    def _say(
        self, rule: str, file: SourceFile, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.findings.append(Finding(rule, severity, message, Location(file.shown), hint))
