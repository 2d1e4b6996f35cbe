"""golang-migrate's files and states: numbered pairs of scripts, and a ledger that knows only the head."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pipeline.errors import ConfigurationError
from pipeline.findings import Finding, Location, Severity
from pipeline.formats.golang_ledger import GolangLedger
from pipeline.formats.golang_states import Board
from pipeline.formats.model import (
    NOWHERE,
    History,
    Kind,
    Migration,
    MigrationState,
    Reading,
    Release,
    Script,
    SourceFile,
    Surroundings,
)
from pipeline.formats.one_folder import OneFolder
from pipeline.formats.options import Options
from pipeline.formats.positions import last_wanted
from pipeline.formats.succession import successor, words
from pipeline.formats.text import decode
from pipeline.sql import directives, identifiers
from pipeline.sql.locate import position
from pipeline.sql.scanner import semicolons

_NAME = re.compile(r"(?P<version>[0-9]+)_(?P<title>.*)\.(?P<direction>down|up)\.(?P<extension>.*)")
_UNSIGNED = 2**64
_SIGNED = 2**63
_LONGEST = 20
"""Digits of the largest number that golang-migrate reads."""

_LATER = "it is not built yet"
_BUILT = ("x-migrations-table", "x-migrations-table-quoted", "x-multi-statement")
_KNOWN = {
    "x-statement-timeout": "the limits of environments.yaml hold here: environments.*.limits.statement",
    "x-multi-statement-max-size": "files are not split at semicolons here",
    "x-lock-strategy": _LATER,
    "x-lock-table": _LATER,
    "search_path": "it is set elsewhere: migrations.schemas",
}
Direction = Literal["up", "down"]


def _options(given: Mapping[str, object]) -> Options:
    return Options("golang-migrate", given, built=_BUILT, known=_KNOWN)


def _is_wanted(path: str) -> bool:
    return "/" not in path and (path.endswith(".sql") or path[:1].isdigit())


@dataclass(frozen=True)
class GolangMigrate(OneFolder):
    """golang-migrate's conventions."""

    name: str = "golang-migrate"
    keeps_lock_during_concurrently: bool = False
    """golang-migrate waits for the lock inside the server, where a waiter and an index build would deadlock."""

    def wanted(self, options: Mapping[str, object]) -> Callable[[str], bool]:
        """The files of the folder itself that could be meant as migrations; sub-folders are not looked into."""
        _options(options)
        return _is_wanted

    def read(
        self, files: Sequence[SourceFile], options: Mapping[str, object], place: Surroundings = NOWHERE
    ) -> Reading:
        """The release in ``files``; what golang-migrate would pass over is a finding."""
        gathering = _Gathering(separate=_options(options).flag("x-multi-statement", default=False))
        for file in files:
            gathering.take(file)
        return Reading(Release(self.name, tuple(gathering.migrations())), tuple(gathering.findings))

    def next_files(
        self, release: Release, name: str, now: datetime, options: Mapping[str, object]
    ) -> tuple[str, str]:
        """``<next>_<name>.up.sql`` and ``.down.sql``; the first has six digits, as ``migrate create -seq``."""
        _options(options)
        files = [one.up.file.path for one in release.migrations]
        version = successor(files[-1].partition("_")[0], now) if files else "000001"
        return f"{version}_{words(name)}.up.sql", f"{version}_{words(name)}.down.sql"

    def ledger(self, schema: str, options: Mapping[str, object]) -> GolangLedger:
        """``schema_migrations`` in the first managed schema, or where the options say."""
        checked = _options(options)
        table = checked.text("x-migrations-table", "schema_migrations")
        if not checked.flag("x-migrations-table-quoted", default=False):
            return GolangLedger((schema, table))
        parts = identifiers.parse(table) if table.startswith('"') and table.endswith('"') else None
        match parts:
            case (name,):
                return GolangLedger((schema, name))
            case (own, name):
                return GolangLedger((own, name))
            case _:
                raise ConfigurationError(
                    f"{table} is not a quoted table name",
                    where="migrations.options.x-migrations-table",
                    todo='write "table" or "schema"."table" with the double quotes',
                )

    def states(
        self, release: Release, history: History, *, out_of_order: str, target: str | None = None
    ) -> tuple[MigrationState, ...]:
        """Derived from the head, and from our own memory of what lies below it."""
        return tuple(Board(release, history, out_of_order, last_wanted(release, target)).states())


@dataclass
class _Gathering:
    """The scripts so far, by version and direction."""

    separate: bool
    scripts: dict[tuple[int, Direction], tuple[str, SourceFile]] = field(
        default_factory=dict[tuple[int, Direction], tuple[str, SourceFile]]
    )
    findings: list[Finding] = field(default_factory=list[Finding])

    def take(self, file: SourceFile) -> None:
        parsed = _NAME.fullmatch(file.path)
        if parsed is None:
            message = (
                f"golang-migrate passes over {file.path}: its name is not VERSION_TITLE.up.sql or .down.sql"
            )
            hint = "rename it, or move it out of the migrations folder"
            self._say("file-name", file, message, hint, Severity.WARNING)
            return
        digits = parsed["version"].lstrip("0") or "0"
        if len(digits) > _LONGEST or int(digits) >= _SIGNED:
            passed = len(digits) > _LONGEST or int(digits) >= _UNSIGNED
            message = f"golang-migrate {'passes over' if passed else 'crashes on'} the version {digits}"
            severity = Severity.WARNING if passed else Severity.ERROR
            self._say("file-name", file, message, f"use a number below {_SIGNED}", severity)
            return
        key: tuple[int, Direction] = (int(digits), "up" if parsed["direction"] == "up" else "down")
        if key in self.scripts:
            message = f"version {key[0]} {key[1]} is there twice: {self.scripts[key][1].path} and {file.path}"
            self._say("duplicate", file, message, "rename one of the two files")
            return
        self._check_extension(file, parsed["extension"])
        self.scripts[key] = (parsed["title"], file)

    def _check_extension(self, file: SourceFile, extension: str) -> None:
        if "." in extension or extension.endswith("~"):
            message = f"{file.path} looks like a left-over copy, but golang-migrate runs it"
            self._say("file-name", file, message, "remove it, or end its name in .sql", Severity.WARNING)

    def migrations(self) -> list[Migration]:
        """Everything that could be read, by number."""
        versions = sorted({version for version, _ in self.scripts})
        found = [self._migration(version) for version in versions]
        return [migration for migration in found if migration is not None]

    def _migration(self, version: int) -> Migration | None:
        down = self.scripts.get((version, "down"))
        title, file = self.scripts.get((version, "up")) or self._nothing(version)
        script = self._script(file)
        if script is None:
            return None
        declared = directives.read(script.sql, file.shown)
        self.findings.extend(declared.findings)
        return Migration(
            Kind.VERSIONED,
            str(version),
            title,
            file.path,
            script,
            self._script(down[1]) if down else None,
            None,
            declared.irreversible,
        )

    def _nothing(self, version: int) -> tuple[str, SourceFile]:
        """What stands for the up script of a version that has none: its step is empty."""
        title, down = self.scripts[version, "down"]
        message = (
            f"version {version} has a down script only; golang-migrate counts it as an empty step, and so do we"
        )
        self._say("no-script", down, message, "add its up script, or remove the file", Severity.WARNING)
        return title, SourceFile(_as_up(down.path), _as_up(down.shown), b"")

    def _script(self, file: SourceFile) -> Script | None:
        decoded = decode(file)
        self.findings.extend(decoded.findings)
        if decoded.text is None:
            return None
        if self.separate and (at := _cut_inside(decoded.text)) is not None:
            message = (
                "with x-multi-statement golang-migrate cuts here too, inside of a string, a body or a comment"
            )
            place = Location(file.shown, *position(decoded.text, at))
            hint = "write it without this semicolon, or let only us run it"
            self.findings.append(Finding("cut-inside", Severity.WARNING, message, place, hint))
        return Script(file, decoded.text, separate=self.separate)

    def _say(
        self, rule: str, file: SourceFile, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.findings.append(Finding(rule, severity, message, Location(file.shown), hint))


def _cut_inside(text: str) -> int | None:
    """Where the first semicolon is that ends no statement; golang-migrate takes each for an end."""
    ends = {behind - 1 for behind in semicolons(text)}
    return next((found.start() for found in re.finditer(";", text) if found.start() not in ends), None)


def _as_up(name: str) -> str:
    """The name that the up script of a down script would have."""
    before, _, after = name.rpartition(".down.")
    return f"{before}.up.{after}"
