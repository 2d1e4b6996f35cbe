"""What is common to all releases: the digest, and the description in the evidence."""

import hashlib
from collections.abc import Sequence

from pipeline.formats.model import Callback, Migration, Release


def digest(migrations: Sequence[Migration], callbacks: Sequence[Callback] = ()) -> str:
    """``sha256:…`` over the ordered names and bytes of all scripts, up before down, then the callbacks.

    Each part is preceded by its length, so that no two different releases can have the same input.
    """
    total, nothing = hashlib.sha256(), _preceded(b"") * 2
    scripts = [script for migration in migrations for script in (migration.up, migration.down)]
    around = {script.file.path: script for one in migrations for script in (*one.before, *one.after)}
    called = [*(around[path] for path in sorted(around)), *(callback.script for callback in callbacks)]
    for script in (*scripts, *called):
        if script is None:
            total.update(nothing)
        else:
            content = script.file.content
            total.update(_preceded(script.file.path.encode()) + len(content).to_bytes(8, "big"))
            total.update(content)
    return f"sha256:{total.hexdigest()}"


def _preceded(part: bytes) -> bytes:
    return len(part).to_bytes(8, "big") + part


def make(format_name: str, migrations: Sequence[Migration], callbacks: Sequence[Callback] = ()) -> Release:
    """The release of these migrations, in this order."""
    return Release(format_name, tuple(migrations), digest(migrations, callbacks), tuple(callbacks))


def describe(release: Release) -> dict[str, object]:
    """The release as the evidence tells it: format, digest, each migration with the SHA-256 of its script."""
    return {
        "format": release.format,
        "digest": release.digest,
        "migrations": [
            {
                "version": migration.version,
                "name": migration.name,
                "file": migration.up.file.shown,
                "sha256": hashlib.sha256(migration.up.file.content).hexdigest(),
            }
            for migration in release.migrations
        ],
    }
