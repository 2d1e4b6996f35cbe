"""The settings of a single script: ``V2__x.sql.conf`` beside ``V2__x.sql``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.errors import ConfigurationError
from pipeline.findings import Finding, Location, Severity
from pipeline.formats.flyway.configuration import properties
from pipeline.formats.flyway.placeholders import replace
from pipeline.formats.flyway.settings import Settings, encoding
from pipeline.formats.model import SourceFile, Surroundings

SUFFIX = ".conf"
_FLAGS = ("executeInTransaction", "placeholderReplacement")
_PAID = "shouldExecute"


class ScriptSettings(NamedTuple):
    """How one script is read and run; None is for what it leaves to the project."""

    in_transaction: bool | None = None
    replace: bool | None = None
    encoding: str | None = None
    findings: tuple[Finding, ...] = ()


UNSAID = ScriptSettings()


@dataclass
class AllScriptSettings:
    """Those of all scripts; found by the script's path without regard to case."""

    settings: Settings
    place: Surroundings
    files: dict[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    used: set[str] = field(default_factory=set[str])

    def take(self, file: SourceFile) -> None:
        """Remember one."""
        self.files[file.path.lower()] = file

    def of(self, script: SourceFile) -> ScriptSettings:
        """What stands beside ``script``."""
        if not self.files:
            return UNSAID
        path = f"{script.path}{SUFFIX}".lower()
        if path not in self.files:
            return UNSAID
        self.used.add(path)
        return _read(self.files[path], self.settings, self.place)

    def unused(self) -> Sequence[SourceFile]:
        """Those that belong to no script."""
        return [file for path, file in self.files.items() if path not in self.used]


def _read(file: SourceFile, settings: Settings, place: Surroundings) -> ScriptSettings:
    try:
        text = file.content.decode(settings.encoding)
    except UnicodeDecodeError as error:
        return ScriptSettings(findings=(_finding(file, f"it cannot be read: {error.reason}"),))
    replaced = replace(text, file.path, settings, place)
    said = dict(properties(replaced.text))
    wrong = [problem for _, problem in replaced.problems]
    wrong += [_unknown(name) for name in said if name not in (*_FLAGS, "encoding")]
    own: str | None = None
    try:
        own = encoding(said["encoding"]) if "encoding" in said else None
    except ConfigurationError as error:
        wrong.append(error.what)
    inside, replaces = (_flag(said, name) for name in _FLAGS)
    return ScriptSettings(inside, replaces, own, tuple(_finding(file, problem) for problem in wrong))


def _unknown(name: str) -> str:
    if name == _PAID:
        return f"{_PAID} is of Flyway's paid edition; the free one stops here"
    return f"Flyway has no such setting for a script: {name}"


def _flag(said: Mapping[str, str], name: str) -> bool | None:
    return said[name].lower() == "true" if name in said else None


def _finding(file: SourceFile, problem: str) -> Finding:
    hint = f"a script has {', '.join(_FLAGS)} and encoding"
    return Finding("script-settings", Severity.ERROR, f"{file.path}: {problem}", Location(file.shown), hint)
