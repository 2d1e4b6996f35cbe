"""What a backup says of itself: what it holds, when it was taken, and how to tell that it is intact."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Final, cast

from pipeline.errors import Refused
from pipeline.shapes.complaints import Complaint, dotted, unfit
from pipeline.shapes.kinds import Items, Named, Parsed, Text, Whole
from pipeline.shapes.section import Nested, Section, key, read

SCHEMA_VERSION = 1
SEAL = "seal"


def _time(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise unfit("must be a time with its zone")
    return found


_TEXT: Final = Text()
_NUMBER: Final = Whole()


class Rows(Section):
    """How many rows a table held, and a digest of all of them."""

    count: int = key(_NUMBER)
    digest: str = key(_TEXT)


class Manifest(Section):
    """One backup: ``file`` lies beside the manifest, ``bytes`` and ``sha256`` are its own, ``taken_at`` is UTC.

    ``tables`` and ``fingerprint`` tell what the database held at the dump's own snapshot; ``roles`` are the
    roles that must exist where it is restored, by name alone.
    """

    schema_version: int = key(_NUMBER)
    name: str = key(_TEXT)
    database: str = key(_TEXT)
    system_identifier: str = key(_TEXT)
    server_version: str = key(_TEXT)
    pg_dump: str = key(_TEXT)
    taken_at: datetime = key(Parsed(_time, {"type": "string", "format": "date-time"}))
    file: str = key(_TEXT)
    bytes: int = key(_NUMBER)
    sha256: str = key(_TEXT)
    fingerprint: str = key(_TEXT)
    tables: Mapping[str, Rows] = key(Named(Nested(Rows)))
    roles: tuple[str, ...] = key(Items(_TEXT))


def to_json(manifest: Manifest) -> str:
    """The manifest as a sealed JSON document."""
    content = {**asdict(manifest), "taken_at": manifest.taken_at.isoformat()}
    return json.dumps({**content, SEAL: _seal(content)}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def from_json(text: str | bytes, *, where: str) -> Manifest:
    """The manifest that ``to_json`` wrote; raises Refused for anything else, however little it differs."""
    content = _unsealed(text, where)
    manifest, complaints = read(Manifest, content)
    if manifest is None:
        raise _refusal(where, "; ".join(map(_told, complaints)))
    if manifest.schema_version != SCHEMA_VERSION:
        raise _refusal(where, f"its schema_version is {manifest.schema_version}, not {SCHEMA_VERSION}")
    return manifest


def _unsealed(text: str | bytes, where: str) -> Mapping[str, object]:
    """The document without its seal, which fits it."""
    try:
        found = cast("object", json.loads(text if isinstance(text, str) else text.decode()))
        if not isinstance(found, dict):
            raise _refusal(where, "it is no JSON object")
        content = cast("dict[str, object]", found)
        fits = content.pop(SEAL, None) == _seal(content)
    except (ValueError, RecursionError) as error:
        raise _refusal(where, f"it is not the JSON that we write: {error}") from error
    if not fits:
        raise _refusal(where, "its seal does not fit its content: it was changed after it was written")
    return content


def _seal(content: Mapping[str, object]) -> str:
    """Not a signature: it tells damage and careless edits, not a forger who knows this program."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{sha256(canonical.encode()).hexdigest()}"


def _told(complaint: Complaint) -> str:
    return f"{dotted(complaint.path)}: {complaint.message}"


def _refusal(where: str, why: str) -> Refused:
    return Refused(
        "the manifest of a backup cannot be trusted",
        where=where,
        why=why,
        todo="use another backup; keep this one aside",
    )
