"""What a backup says of itself: what it holds, when it was taken, and how to tell that it is intact."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.errors import Refused

SCHEMA_VERSION = 1
SEAL = "seal"


@dataclass(frozen=True)
class Rows:
    """How many rows a table held, and a digest of all of them."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    count: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """One backup: ``file`` lies beside the manifest, ``bytes`` and ``sha256`` are its own, ``taken_at`` is UTC.

    ``tables`` and ``fingerprint`` tell what the database held at the dump's own snapshot; ``roles`` are the
    roles that must exist where it is restored, by name alone.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    schema_version: int
    name: str
    database: str
    system_identifier: str
    server_version: str
    pg_dump: str
    taken_at: datetime
    file: str
    bytes: int
    sha256: str
    fingerprint: str
    tables: Mapping[str, Rows]
    roles: tuple[str, ...]


def to_json(manifest: Manifest) -> str:
    """The manifest as a sealed JSON document."""
    content = {**asdict(manifest), "taken_at": manifest.taken_at.isoformat()}
    return json.dumps({**content, SEAL: _seal(content)}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def from_json(text: str | bytes, *, where: str) -> Manifest:
    """The manifest that ``to_json`` wrote; raises Refused for anything else, however little it differs."""
    try:
        content = _document().validate_json(text)
        if content.pop(SEAL, None) != _seal(content):
            raise _refusal(where, "its seal does not fit its content: it was changed after it was written")
        manifest = _adapter().validate_json(json.dumps(content))
    except (ValueError, ValidationError) as error:
        raise _refusal(where, str(error)) from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise _refusal(where, f"its schema_version is {manifest.schema_version}, not {SCHEMA_VERSION}")
    return manifest


def _seal(content: Mapping[str, object]) -> str:
    """Not a signature: it tells damage and careless edits, not a forger who knows this program."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{sha256(canonical.encode()).hexdigest()}"


@cache
def _document() -> TypeAdapter[dict[str, object]]:
    return TypeAdapter(dict[str, object])


@cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


def _refusal(where: str, why: str) -> Refused:
    return Refused(
        "the manifest of a backup cannot be trusted",
        where=where,
        why=why,
        todo="use another backup; keep this one aside",
    )
