"""What formats have in common that keep migrations in one folder and have no settings file for them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.formats.model import Configured, SourceFile


class OneFolder:
    """That part of a format."""

    @property
    def configuration_files(self) -> tuple[str, ...]:
        """None that says how to migrate."""
        return ()

    def configured(self, files: Sequence[SourceFile], options: Mapping[str, object]) -> Configured:
        """The options as they are."""
        return Configured(options)

    def folders(self, path: Path, options: Mapping[str, object]) -> tuple[Path, ...]:
        """The one folder."""
        return (path,)
