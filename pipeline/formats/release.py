"""A release as the evidence tells it."""

import hashlib

from pipeline.formats.model import Release


def describe(release: Release) -> dict[str, object]:
    """Format and digest, and each migration with the SHA-256 of its script."""
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
