"""Flyway's own configuration files, flyway.conf and flyway.toml: what they say becomes options.

Only what environments.yaml leaves open is taken from them, and a finding names the file. Of settings that
change nothing here (who connects, how often) nothing is said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename
from typing import cast

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.flyway import locations
from pipeline.formats.flyway.settings import BUILT, FLAGS, KNOWN, LISTS
from pipeline.formats.model import Configured, SourceFile

FILES = ("flyway.conf", "flyway.toml", "flyway.user.toml")
_OURS_ALONE = frozenset({"undoRows", "jarDirs"})
"""What environments.yaml alone says: one is no setting of Flyway's, the other often names drivers only."""
_PROPERTY = re.compile(r"\s*(?P<key>[^\s=:#!][^\s=:]*)\s*[=:]?\s*(?P<value>.*)")
_CHANGES_WHAT_RUNS = frozenset({
    "callbacks", "cherryPick", "initSql", "javaMigrationClassProvider", "resolvers", "skipDefaultCallbacks",
    "skipDefaultResolvers", "skipExecutingMigrations",
})  # fmt: skip
_MEANS_OTHERWISE = frozenset({
    "outOfOrder", "schemas", "target", "mixed", "group", "baselineOnMigrate", "validateOnMigrate",
    "baselineVersion", "detectEncoding", "failOnMissingLocations", "jarDirs", "scriptPlaceholderPrefix",
    "scriptPlaceholderSuffix", "tablespace", "createSchemas",
})  # fmt: skip
_MEANS_NOTHING = frozenset({"", "false"})


def configured(files: Sequence[SourceFile], options: Mapping[str, object]) -> Configured:
    """The options with what the files say where the options are silent; later files win over earlier ones."""
    gathering = _Gathering((None, locations.CLASSPATH) if "jarDirs" in options else (None,))
    for file in files:
        gathering.take(file, options)
    own = {name: value for name, value in gathering.found.items() if name not in options}
    placeholders = {**_mapping(gathering.found.get("placeholders")), **_mapping(options.get("placeholders"))}
    merged = {**own, **options, **({"placeholders": placeholders} if placeholders else {})}
    return Configured(merged, tuple(gathering.findings))


@dataclass
class _Gathering:
    """What the files say so far, in our words."""

    read: tuple[str | None, ...]
    """The schemes of locations that are read; None is that of folders."""
    found: dict[str, object] = field(default_factory=dict[str, object])
    findings: list[Finding] = field(default_factory=list[Finding])

    def take(self, file: SourceFile, options: Mapping[str, object]) -> None:
        try:
            said = dict(_settings(file))
        except ValueError as error:
            self._say(file, Severity.ERROR, f"{file.shown} cannot be read: {error}", "mend it, or remove it")
            return
        taken = [name for name, value in said.items() if self._took(file, name, value)]
        if taken:
            over = [name for name in taken if name in options and name != "placeholders"]
            rest = f"; environments.yaml wins for {', '.join(over)}" if over else ""
            words = f"read from {file.shown}: {', '.join(dict.fromkeys(taken))}{rest}"
            self._say(file, Severity.NOTE, words, "options of environments.yaml win over this file")

    def _took(self, file: SourceFile, name: str, value: object) -> bool:
        if name == "locations":
            return self._took_locations(file, value)
        if name.startswith("placeholders."):
            name, value = "placeholders", {**_mapping(self.found.get("placeholders")), name[13:]: value}
        if name in BUILT and name not in _OURS_ALONE:
            self.found[name] = _typed(name, value)
            return True
        self._not_followed(file, name, value)
        return False

    def _took_locations(self, file: SourceFile, value: object) -> bool:
        """Those that are folders; of the others we can only say that migrations.path stands for them."""
        typed = _typed("locations", value)
        named = [str(each) for each in typed] if isinstance(typed, Sequence) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # whatever the file held
        elsewhere = [each for each in named if locations.scheme(each) not in self.read]
        if elsewhere:
            message = f"{file.shown} names {', '.join(elsewhere)}, which is no folder: it is not read"
            hint = "migrations.path, or the option locations, names the folder that is meant"
            self._say(file, Severity.WARNING, message, hint)
        kept = [each for each in named if each not in elsewhere]
        if kept:
            self.found["locations"] = kept
        return bool(kept)

    def _not_followed(self, file: SourceFile, name: str, value: object) -> None:
        """A setting that we cannot follow matters as much as it would change what runs."""
        if name in KNOWN and str(value).lower() in _MEANS_NOTHING:
            return
        if name in _CHANGES_WHAT_RUNS or name in _MEANS_OTHERWISE:
            severity = Severity.ERROR if name in _CHANGES_WHAT_RUNS else Severity.WARNING
            message = f"{file.shown} sets {name}, which is not followed: {KNOWN[name]}"
            self._say(file, severity, message, "remove it there, or let Flyway itself run the migrations")

    def _say(self, file: SourceFile, severity: Severity, message: str, hint: str) -> None:
        self.findings.append(Finding("flyway-settings", severity, message, Location(file.shown), hint))


def _settings(file: SourceFile) -> Iterator[tuple[str, object]]:
    """Every setting of a file by its name, without ``flyway.`` before it."""
    text = file.content.decode()
    if basename(file.path).endswith(".toml"):
        import tomllib  # noqa: PLC0415  # few projects have one

        yield from _flat(_mapping(tomllib.loads(text).get("flyway")))
        return
    for name, value in properties(text):
        if name.startswith("flyway."):
            yield name.removeprefix("flyway."), value


def properties(text: str) -> Iterator[tuple[str, str]]:
    """The keys and values of a file of Java properties; a backslash at its end continues a line."""
    whole = re.sub(r"\\\r?\n[ \t]*", "", text)
    for line in re.split(r"\r\n|\n|\r", whole):
        found = _PROPERTY.fullmatch(line)
        if found is not None:
            yield found["key"], found["value"].strip()


def _flat(table: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        inner = _mapping(value)
        if inner:
            yield from _flat(inner, f"{above}{name}.")
        else:
            yield above + name, value


def _typed(name: str, value: object) -> object:
    if name in FLAGS and isinstance(value, str):
        return value.lower() == "true"
    if name in LISTS and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
