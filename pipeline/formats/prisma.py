"""Prisma Migrate's folders and states (2.13 to 7): one folder per migration, known by the folder's name."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.collation import key
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
from pipeline.formats.prisma_ledger import PrismaLedger
from pipeline.formats.prisma_states import Board
from pipeline.formats.succession import successor, words
from pipeline.formats.text import decode
from pipeline.sql import directives

_UP = "migration.sql"
_DOWN = "down.sql"
_PROVIDER_FILE = "migration_lock.toml"
_PROVIDER = "postgresql"
_STAMP = 14
_LONGEST_NAME = 255


def _random_id() -> str:
    return str(uuid4())


def _options(given: Mapping[str, object]) -> None:
    """Prisma keeps nothing here that we read."""
    Options("Prisma", given, built=())


def _is_wanted(path: str) -> bool:
    folder, _, name = path.partition("/")
    if path.endswith("/"):
        return path.count("/") == 1
    return path == _PROVIDER_FILE or (bool(folder) and name in {_UP, _DOWN})


@dataclass(frozen=True)
class Prisma(OneFolder):
    """Prisma Migrate's conventions; ``new_id`` makes the random identifier of a ledger row."""

    name: str = "prisma"
    keeps_lock_during_concurrently: bool = False
    """Prisma waits for the lock inside the server, where a waiter and an index build would deadlock."""
    new_id: Callable[[], str] = _random_id

    def wanted(self, options: Mapping[str, object]) -> Callable[[str], bool]:
        """Every direct sub-folder whatever its name, its two scripts, and the provider's file."""
        _options(options)
        return _is_wanted

    def read(
        self, files: Sequence[SourceFile], options: Mapping[str, object], place: Surroundings = NOWHERE
    ) -> Reading:
        """The release in ``files``; a folder without a script is an error finding."""
        _options(options)
        gathering = _Gathering()
        migrations = gathering.migrations(files)
        return Reading(Release(self.name, tuple(migrations)), tuple(gathering.findings))

    def next_files(
        self, release: Release, name: str, now: datetime, options: Mapping[str, object]
    ) -> tuple[str, str]:
        """The two scripts of a folder that is named after the time and ``name``."""
        _options(options)
        stamp = f"{now.astimezone(UTC):%Y%m%d%H%M%S}"
        if release.migrations and (last := release.migrations[-1].script[:_STAMP]) >= stamp:
            stamp = successor(last, now)
        folder = f"{stamp}_{words(name)}"
        return f"{folder}/{_UP}", f"{folder}/{_DOWN}"

    def ledger(self, schema: str, options: Mapping[str, object]) -> PrismaLedger:
        """``_prisma_migrations`` in the first managed schema."""
        _options(options)
        return PrismaLedger((schema, "_prisma_migrations"), self.new_id)

    def states(
        self, release: Release, history: History, *, out_of_order: str, target: str | None = None
    ) -> tuple[MigrationState, ...]:
        """Prisma has no table of states; these are the words of its messages."""
        wanted = last_wanted(release, target)
        return tuple(Board(release, history, out_of_order=out_of_order, wanted=wanted).states())


@dataclass
class _Gathering:
    """What was noticed so far."""

    findings: list[Finding] = field(default_factory=list[Finding])

    def migrations(self, files: Sequence[SourceFile]) -> list[Migration]:
        by_path = {file.path: file for file in files}
        if _PROVIDER_FILE in by_path:
            self._check_provider(by_path[_PROVIDER_FILE])
        folders = {file.path.partition("/")[0] for file in files if "/" in file.path}
        found = [self._migration(folder, by_path) for folder in sorted(folders, key=key)]
        return [migration for migration in found if migration is not None]

    def _migration(self, folder: str, files: Mapping[str, SourceFile]) -> Migration | None:
        up = files.get(f"{folder}/{_UP}")
        if up is None:
            example = files.get(f"{folder}/{_DOWN}") or files[f"{folder}/"]
            message = f"the folder {folder} has no {_UP}; Prisma would stop here (P3015)"
            self._say("no-script", example, message, f"add {folder}/{_UP}, or remove the folder")
            return None
        self._check_name(folder, up)
        text, script = self._script(up)
        if text is None or script is None:
            return None
        declared = directives.read(text, up.shown)
        self.findings.extend(declared.findings)
        down = files.get(f"{folder}/{_DOWN}")
        return Migration(
            Kind.VERSIONED,
            folder,
            slug(folder),
            folder,
            script,
            self._script(down)[1] if down else None,
            hashlib.sha256(up.content).hexdigest(),
            declared.irreversible,
        )

    def _script(self, file: SourceFile) -> tuple[str | None, Script | None]:
        decoded = decode(file)
        self.findings.extend(decoded.findings)
        return decoded.text, None if decoded.text is None else Script(file, decoded.text)

    def _check_name(self, folder: str, file: SourceFile) -> None:
        if len(folder) > _LONGEST_NAME:
            self._say(
                "file-name",
                file,
                f"{folder} is longer than {_LONGEST_NAME} characters",
                "give it a shorter name",
            )
        if not folder.isascii():
            message = f"{folder} is sorted differently by Prisma depending on the language of the machine"
            self._say("file-name", file, message, "use letters, digits and _ only", Severity.WARNING)

    def _check_provider(self, file: SourceFile) -> None:
        """Prisma reads the first line that begins with "provider", and takes it literally."""
        lines = file.content.decode(errors="replace").splitlines()
        line = next((line for line in lines if line.startswith("provider")), None)
        provider = line.removeprefix("provider = ").replace('"', "") if line is not None else None
        if provider != _PROVIDER:
            message = f"{_PROVIDER_FILE} does not say that these migrations are for PostgreSQL (P3019)"
            self._say("provider", file, message, f'Prisma wants exactly this line: provider = "{_PROVIDER}"')

    def _say(
        self, rule: str, file: SourceFile, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.findings.append(Finding(rule, severity, message, Location(file.shown), hint))


def slug(folder: str) -> str:
    """The name without its time stamp: ``20240131093000_add_users`` is ``add_users``."""
    stamp, separator, name = folder.partition("_")
    return name if separator and name and len(stamp) == _STAMP and stamp.isdigit() else folder
