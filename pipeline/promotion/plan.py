"""The plan as data: what will run, statement by statement, and a digest that changes when any of it does.

The digest covers what was read (names and bytes of the release, in order), what it starts from (fingerprint,
history, server major, extensions) and who does it (tool version), but not the target's identity, so that one
environment's evidence can stand for another's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from pipeline.formats.model import History, Kind, Migration, Release
from pipeline.sql.statements import Statement


@dataclass(frozen=True)
class PlannedStatement:
    """One statement of a plan; ``line`` counts from 1."""

    line: int
    kind: str
    transactional: bool


@dataclass(frozen=True)
class PlannedMigration:
    """One migration of a plan: its bytes by digest, its statements, and whether there is a way back."""

    label: str
    name: str
    file: str
    sha256: str
    statements: tuple[PlannedStatement, ...]
    way_back: str | None


@dataclass(frozen=True)
class Start:
    """What a plan starts from."""

    fingerprint: str
    server_major: int
    extensions: Mapping[str, str]
    history: Sequence[tuple[str | None, str, str | None]]


@dataclass(frozen=True)
class Plan:
    """What a promotion would do, in order."""

    tool_version: str
    release_digest: str
    configuration: Mapping[str, str]
    start: Start
    migrations: tuple[PlannedMigration, ...]

    @property
    def digest(self) -> str:
        """``sha256:…`` over everything above."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return "sha256:" + sha256(text.encode()).hexdigest()


def digest_of(scripts: Sequence[tuple[str, str]]) -> str:
    """``sha256:…`` over labels and the SQL that is executed, in order."""
    made = sha256()
    for label, text in scripts:
        for part in (label, text):
            made.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return "sha256:" + made.hexdigest()


def executed(migration: Migration) -> tuple[str, str]:
    """Label and text of what runs; where that is no SQL, the digest of the file stands for it."""
    if migration.only_by_tool is not None:
        return migration.label, sha256(migration.up.file.content).hexdigest()
    return migration.label, migration.up.sql


def history_of(history: History) -> tuple[tuple[str | None, str, str | None], ...]:
    """What a plan remembers of a ledger: versions, names and checksums, in order; no times, no ranks."""
    return tuple((row.version, row.name, row.checksum) for row in history.rows)


def make(
    *,
    tool_version: str,
    release: Release,
    configuration: Mapping[str, str],
    start: Start,
    pending: Sequence[tuple[Migration, Sequence[Statement]]],
) -> Plan:
    """Put a plan together."""
    return Plan(
        tool_version=tool_version,
        release_digest=release.digest,
        configuration=dict(configuration),
        start=start,
        migrations=tuple(_planned(migration, statements) for migration, statements in pending),
    )


def _planned(migration: Migration, statements: Sequence[Statement]) -> PlannedMigration:
    return PlannedMigration(
        label=migration.label,
        name=migration.name,
        file=migration.up.file.shown,
        sha256=sha256(migration.up.file.content).hexdigest(),
        statements=tuple(PlannedStatement(s.line, s.kind, s.transactional) for s in statements),
        way_back=_way_back(migration),
    )


def _way_back(migration: Migration) -> str | None:
    if migration.down is not None:
        return migration.down.file.shown
    if migration.kind is Kind.REPEATABLE:
        return "derived in the rehearsal from what it changes"
    return f"irreversible: {migration.irreversible}" if migration.irreversible else None
