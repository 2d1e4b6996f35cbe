"""Flyway's own configuration files, flyway.conf and flyway.toml: what they say becomes options.

Only what environments.yaml leaves open is taken from them, and a finding names the file. Of settings that
change nothing here (who connects, how often) nothing is said. Like Flyway, we read no .conf beside a .toml, and
what a .toml says of the chosen environment wins over what it says of all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename
from typing import NamedTuple, cast

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.flyway import locations
from pipeline.formats.flyway.settings import BUILT, DEFAULT, FLAGS, KNOWN, LISTS
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


class _Said(NamedTuple):
    """What one file says of all environments, and of each."""

    file: SourceFile
    settings: Mapping[str, object]
    environments: Mapping[str, object]

    def of(self, environment: str) -> Mapping[str, object]:
        """What it says of one environment alone, beside who connects and how."""
        table = _mapping(self.environments.get(environment))
        own = {name: table[name] for name in ("schemas", "initSql") if name in table}
        return {**own, **_mapping(table.get("flyway"))}


def configured(files: Sequence[SourceFile], options: Mapping[str, object]) -> Configured:
    """The options with what the files say where the options are silent; later files win over earlier ones."""
    gathering = _Gathering((None, locations.CLASSPATH) if "jarDirs" in options else (None,))
    said = list(gathering.said_by(files))
    for one in said:
        gathering.take(one.file, one.settings, options)
    chosen = str(options.get("environment", gathering.found.get("environment", DEFAULT.environment)))
    if any("placeholders" in one.of(chosen) for one in said):
        gathering.found.pop("placeholders", None)
    for one in said:
        gathering.take(one.file, one.of(chosen), options)
        gathering.leave(one, chosen)
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

    def said_by(self, files: Sequence[SourceFile]) -> Iterator[_Said]:
        """What those files say that count."""
        modern = any(_is_toml(file) for file in files)
        for file in files:
            if modern and not _is_toml(file):
                message = f"{file.shown} is not read: Flyway reads no .conf where there is a .toml"
                self._say(file, Severity.WARNING, message, "move what it says there, or remove it")
                continue
            try:
                yield _read(file)
            except ValueError as error:
                message = f"{file.shown} cannot be read: {error}"
                self._say(file, Severity.ERROR, message, "mend it, or remove it")

    def take(self, file: SourceFile, settings: Mapping[str, object], options: Mapping[str, object]) -> None:
        """Take over what a file says, and say so."""
        taken = [name for name, value in _flat(settings) if self._took(file, name, value)]
        if taken:
            over = [name for name in taken if name in options and name != "placeholders"]
            rest = f"; environments.yaml wins for {', '.join(over)}" if over else ""
            words = f"read from {file.shown}: {', '.join(dict.fromkeys(taken))}{rest}"
            self._say(file, Severity.NOTE, words, "options of environments.yaml win over this file")

    def leave(self, said: _Said, chosen: str) -> None:
        """Say which environments have settings of their own that nobody has chosen."""
        others = [name for name in said.environments if name != chosen and said.of(name).keys() - {"schemas"}]
        if others:
            self._say(
                said.file,
                Severity.WARNING,
                f"{said.file.shown} sets things for {', '.join(others)} alone, which are not read:"
                f" the environment is {chosen}",
                "migrations.options.environment names the one that is meant",
            )

    def _took(self, file: SourceFile, name: str, value: object) -> bool:
        if name == "locations":
            return self._took_locations(file, value)
        if name.startswith("placeholders."):
            own = {name.removeprefix("placeholders."): _typed(name, value)}
            name, value = "placeholders", {**_mapping(self.found.get("placeholders")), **own}
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


def _read(file: SourceFile) -> _Said:
    """Raises ValueError for what cannot be read."""
    text = file.content.decode("utf-8-sig")
    if _is_toml(file):
        import tomllib  # noqa: PLC0415  # few projects have one

        document = tomllib.loads(text)
        return _Said(file, _mapping(document.get("flyway")), _mapping(document.get("environments")))
    said = {
        name.removeprefix("flyway."): value for name, value in properties(text) if name.startswith("flyway.")
    }
    return _Said(file, said, {})


def _is_toml(file: SourceFile) -> bool:
    return basename(file.path).endswith(".toml")


def properties(text: str) -> Iterator[tuple[str, str]]:
    """The keys and values of a file of Java properties; a backslash at its end continues a line."""
    whole = re.sub(r"\\\r?\n[ \t]*", "", text)
    for line in re.split(r"\r\n|\n|\r", whole):
        found = _PROPERTY.fullmatch(line)
        if found is not None:
            yield found["key"], found["value"].strip()


def _flat(table: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(cast("Mapping[str, object]", value), f"{above}{name}.")
        else:
            yield above + name, value


def _typed(name: str, value: object) -> object:
    """A value as environments.yaml has it: a .conf knows texts alone, and in a .toml a text may be a number."""
    if isinstance(value, str) and name in FLAGS:
        return value.lower() == "true"
    if isinstance(value, str) and name in LISTS:
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, bool):
        return value if name in FLAGS else str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
