"""What a row of _prisma_migrations says."""

import hashlib

from pipeline.formats.model import LedgerRow, Migration

_CHECKSUM = 64


def is_rolled_back(row: LedgerRow) -> bool:
    """Whether somebody has said that nothing of it is there."""
    return row.raw.get("rolled_back_at") is not None


def is_checksum_of(migration: Migration, recorded: str | None) -> bool:
    """Whether Prisma would take the recorded checksum for that of the file, whatever its line ends."""
    content = migration.up.file.content
    variants = (content, content.replace(b"\r\n", b"\n"), content.replace(b"\n", b"\r\n"))
    digests = [hashlib.sha256(variant) for variant in variants]
    if recorded is not None and len(recorded) != _CHECKSUM:  # early Prisma left out the zero of small bytes
        return recorded in {"".join(f"{byte:x}" for byte in digest.digest()) for digest in digests}
    return recorded in {digest.hexdigest() for digest in digests}


def is_unfinished(row: LedgerRow) -> bool:
    """Whether it has begun and not ended: it failed, or is under way."""
    return row.raw["finished_at"] is None and not is_rolled_back(row)


def was_resolved(row: LedgerRow) -> bool:
    """Whether somebody has said that it is applied, without running it."""
    return row.success and row.raw.get("applied_steps_count") == "0" and row.raw.get("logs") == ""
