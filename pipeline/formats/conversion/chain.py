"""Which migrations of a release go over into another layout, and what cannot be left behind unsaid."""

from collections.abc import Iterator, Sequence

from pipeline.findings import Finding, Location, Severity
from pipeline.formats.model import Kind, Migration, Reading

_BY_HAND = "write what it does into migrations, or stay with Flyway"
_CALLBACK = "callback"


def chain(migrations: Sequence[Migration]) -> tuple[Migration, ...]:
    """What an empty database needs, in order; the repeatables at the end.

    A baseline migration stands for those before it: one that has none before it begins the chain, and the
    others are shortcuts that only Flyway knows.
    """
    labels = [at for at, one in enumerate(migrations) if one.kind is Kind.VERSIONED]
    first = labels[0] if labels else len(migrations)
    begins = [one for one in migrations[:first] if one.kind is Kind.BASELINE][-1:]
    return (*begins, *(one for one in migrations if one.kind is not Kind.BASELINE))


def losses(reading: Reading) -> Iterator[Finding]:
    """What no other layout has a place for: these refuse."""
    release = reading.release
    called = [callback.script for callback in release.callbacks]
    around = [script for one in release.migrations for script in (*one.before, *one.after)]
    for file in dict.fromkeys(script.file for script in (*called, *around)):
        yield _error(file.shown, "it is a callback, and only Flyway has callbacks")
    for finding in reading.findings:
        if finding.rule == _CALLBACK and finding.location is not None:
            yield _error(finding.location.file, "it is a callback, and only Flyway has callbacks")


def changes(migrations: Sequence[Migration]) -> Iterator[Finding]:
    """What becomes something else over there, or has no place because something else says the same."""
    kept = chain(migrations)
    for one in migrations:
        if one not in kept:
            message = f"{one.label} is left out: it is a shortcut past migrations that are all here"
            yield _note(one, message, "an empty database runs them one after the other")
        elif one.kind is Kind.REPEATABLE:
            message = f"{one.name} becomes a migration that runs once, behind all others"
            yield _note(one, message, "a later change of it is a new migration, with a way back of its own")
        if one in kept and _bytes_change(one):
            message = "it is written as it runs: placeholders replaced, in UTF-8, without a byte-order mark"
            yield _note(one, message, "look at it: this is what its placeholders meant here")


def _bytes_change(migration: Migration) -> bool:
    scripts = [script for script in (migration.up, migration.down) if script is not None]
    return any(script.sql.encode() != script.file.content for script in scripts)


def _error(shown: str, message: str) -> Finding:
    return Finding("convert", Severity.ERROR, message, Location(shown), _BY_HAND)


def _note(migration: Migration, message: str, hint: str) -> Finding:
    return Finding("convert", Severity.NOTE, message, Location(migration.up.file.shown), hint)
