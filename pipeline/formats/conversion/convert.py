"""A release becomes the files of another layout, and is read back before anybody believes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.conversion import chain, layouts, settings, versions
from pipeline.formats.conversion.layouts import LAYOUTS
from pipeline.formats.interface import Format
from pipeline.formats.model import Migration, Reading, Script, SourceFile


@dataclass(frozen=True)
class Moved:
    """What became of one migration: ``label`` and ``files`` over there; none where it has no place there."""

    old: Migration
    label: str | None
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Converted:
    """A release in another layout; ``options`` are those with which it means the same there."""

    moved: tuple[Moved, ...]
    files: Mapping[str, bytes]
    options: Mapping[str, object]
    findings: tuple[Finding, ...]


def convert(reading: Reading, tool: Format) -> Converted:
    """The release in the layout of ``tool``; bytes are left alone but for what had to be replaced to run them.

    What would be lost, or be read otherwise over there, is an error finding.
    """
    release = reading.release
    kept = chain.chain(release.migrations)
    scripts = [script for one in kept for script in _scripts(one)]
    places = _places(release.format, kept, tool)
    files = _files(kept, places, tool)
    options = settings.options(tool.name, scripts)
    again = tool.read([SourceFile(path, path, content) for path, content in sorted(files.items())], options)
    labels = [one.label for one in again.release.migrations]
    moved = {
        one.up.file: Moved(one, label, tuple(path for path in paths if path in files))
        for one, label, paths in zip(kept, labels, places, strict=False)
    }
    findings = (
        *chain.losses(reading),
        *chain.changes(release.migrations),
        *settings.said(tool.name, scripts),
        *_differences(kept, again),
    )
    told = tuple(moved.get(one.up.file, Moved(one, None)) for one in release.migrations)
    return Converted(told, files, options, findings)


def _places(format_name: str, kept: Sequence[Migration], tool: Format) -> list[tuple[str, str]]:
    layout = LAYOUTS[tool.name]
    numbered = layout.versions(versions.numbers(format_name, kept))
    names = [versions.name(format_name, one) for one in kept]
    return [layouts.paths(layout, *both) for both in zip(numbered, names, strict=True)]


def _files(kept: Sequence[Migration], places: Sequence[tuple[str, str]], tool: Format) -> Mapping[str, bytes]:
    files = {name: text.encode() for name, text in LAYOUTS[tool.name].beside.items()} if kept else {}
    for migration, paths in zip(kept, places, strict=True):
        for path, script in zip(paths, (migration.up, migration.down), strict=True):
            if script is not None:
                files[path] = script.sql.encode()
                own = settings.beside(tool.name, script)
                files |= {f"{path}.conf": own.encode()} if own else {}
    return files


def _scripts(migration: Migration) -> tuple[Script, ...]:
    return (migration.up, migration.down) if migration.down is not None else (migration.up,)


def _differences(kept: Sequence[Migration], again: Reading) -> Iterator[Finding]:
    """Where the other tool would read something else from what was written."""
    read = again.release
    yield from (finding for finding in again.findings if finding.refuses)
    for at, one in enumerate(kept):
        other = read.migrations[at] if at < len(read.migrations) else None
        if other is None or _texts(one) != _texts(other):
            message = f"{read.format} would read another text from the same bytes"
            hint = "remove what is invisible in it (a byte-order mark inside?)"
            yield Finding("convert", Severity.ERROR, message, Location(one.up.file.shown), hint)


def _texts(migration: Migration) -> tuple[str, str | None]:
    return migration.up.sql, migration.down.sql if migration.down else None
