"""Flyway as a Format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.formats.flyway import configuration, locations, reading
from pipeline.formats.flyway.ledger import FlywayLedger
from pipeline.formats.flyway.naming import next_files
from pipeline.formats.flyway.settings import settings
from pipeline.formats.flyway.states import Board, target_version
from pipeline.formats.model import (
    NOWHERE,
    Configured,
    History,
    MigrationState,
    Reading,
    Release,
    SourceFile,
    Surroundings,
)


@dataclass(frozen=True)
class Flyway:
    """Flyway's conventions."""

    name: str = "flyway"
    keeps_lock_during_concurrently: bool = True
    """Flyways that wait for the lock only poll for it, so it may be held while an index is built."""

    @property
    def configuration_files(self) -> tuple[str, ...]:
        """flyway.conf and flyway.toml."""
        return configuration.FILES

    def configured(self, files: Sequence[SourceFile], options: Mapping[str, object]) -> Configured:
        """The options, and what Flyway's own files say where they are silent."""
        return configuration.configured(files, options)

    def folders(self, path: Path, options: Mapping[str, object]) -> tuple[Path, ...]:
        """The locations of migrations and callbacks; ``path`` unless ``locations`` are given."""
        return locations.folders(path, settings(options))

    def wanted(self, options: Mapping[str, object]) -> Callable[[str], bool]:
        """Every file that Flyway might look at, in folders that are not hidden."""
        return reading.wanted(settings(options))

    def read(
        self, files: Sequence[SourceFile], options: Mapping[str, object], place: Surroundings = NOWHERE
    ) -> Reading:
        """The release in ``files``. Raises ConfigurationError for options that Flyway does not have."""
        return reading.read(files, settings(options), place)

    def next_files(
        self, release: Release, name: str, now: datetime, options: Mapping[str, object]
    ) -> tuple[str, str]:
        """``V<next>__<name>.sql`` and its undo script, in the folder of the last versioned migration."""
        return next_files(release, name, now, settings(options))

    def ledger(self, schema: str, options: Mapping[str, object]) -> FlywayLedger:
        """The ledger in the first managed schema, or in ``defaultSchema``."""
        own = settings(options)
        return FlywayLedger((own.default_schema or schema, own.table), own)

    def states(
        self, release: Release, history: History, *, out_of_order: str, target: str | None = None
    ) -> tuple[MigrationState, ...]:
        """What Flyway's info shows; what its validate refuses is a problem with its finding."""
        last = target_version(target, release, history)
        return tuple(Board(release, history, out_of_order=out_of_order, target=last).states())
