"""conversion.json, which lies beside converted migrations: what they were called before, and in which ledger.

Whoever takes a database over by it knows which of them have run there, and that the old ledger is no table of
the project's.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from pipeline.formats.interface import Ledger
from pipeline.formats.model import Kind, Migration, Release, Script, SourceFile

if TYPE_CHECKING:
    from pipeline.formats.conversion.convert import Moved

NAME = "conversion.json"
_VERSION = 1


class Known(NamedTuple):
    """One migration as it was, without its scripts, and its ``label`` now; None where it has no place now."""

    kind: Kind
    version: str | None
    name: str
    script: str
    type: str | None
    checksum: str | None
    label: str | None


class Note(NamedTuple):
    """From which format, and from which ledger (schema and table), a project comes."""

    format: str
    table: tuple[str, str]
    migrations: tuple[Known, ...]
    forgiven: tuple[str, ...] = ()

    @property
    def ledger(self) -> Ledger:
        """The ledger as it was; to be read only."""
        match self.format:
            case "flyway":
                from pipeline.formats.flyway.ledger import FlywayLedger  # noqa: PLC0415  # few projects come from elsewhere

                return FlywayLedger(self.table)
            case "prisma":
                from pipeline.formats.prisma_ledger import PrismaLedger  # noqa: PLC0415

                return PrismaLedger(self.table, str)
            case _:
                from pipeline.formats.golang_ledger import GolangLedger  # noqa: PLC0415

                return GolangLedger(self.table)

    def predecessor(self, now: Release) -> Release:
        """The release as it was; the bytes of its scripts are those that they have ``now``."""
        made = [
            _as_it_was(one, now.find(one.label) if one.label is not None else None) for one in self.migrations
        ]
        return Release(self.format, tuple(made), forgiven=self.forgiven)


def note(release: Release, table: tuple[str, str], moved: "Sequence[Moved]") -> bytes:
    """What is written beside the files."""
    migrations = [_described(one) for one in moved]
    document = {
        "version": _VERSION,
        "about": "which migration became which; `pipeline baseline` takes databases over by it",
        "format": release.format,
        "ledger": list(table),
        "forgiven": list(release.forgiven),
        "migrations": migrations,
    }
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode()


def parse(content: bytes) -> Note | None:
    """What ``note`` has written; None where it is not that."""
    try:
        document = cast("Mapping[str, object]", json.loads(content))
        return _parsed(document) if document["version"] == _VERSION else None
    except (ValueError, KeyError, TypeError):
        return None


def _parsed(document: Mapping[str, object]) -> Note:
    schema, table = (str(part) for part in cast("Sequence[object]", document["ledger"]))
    forgiven = tuple(str(one) for one in cast("Sequence[object]", document["forgiven"]))
    migrations = cast("Sequence[Mapping[str, str | None]]", document["migrations"])
    known = tuple(
        Known(
            Kind(one["kind"]),
            one["version"],
            one["name"] or "",
            one["script"] or "",
            one["type"],
            one["checksum"],
            one["label"],
        )
        for one in migrations
    )
    return Note(str(document["format"]), (schema, table), known, forgiven)


def _described(moved: "Moved") -> dict[str, str | None]:
    old = moved.old
    return {
        "kind": old.kind.value,
        "version": old.version,
        "name": old.name,
        "script": old.script,
        "type": old.type,
        "checksum": old.checksum,
        "label": moved.label,
    }


def _as_it_was(known: Known, now: Migration | None) -> Migration:
    content = now.up.file.content if now is not None else b""
    script = Script(SourceFile(known.script, known.script, content), "")
    return Migration(
        known.kind, known.version, known.name, known.script, script, checksum=known.checksum, type=known.type
    )
