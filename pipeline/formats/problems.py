"""What can be wrong between the files and the ledger, in the same words for every format."""

from collections.abc import Sequence

from pipeline.errors import ConfigurationError, Refused
from pipeline.findings import Finding, Location, Severity
from pipeline.formats.model import LedgerRow, Migration

_SHOWN = 3


def _place(migration: Migration) -> Location:
    return Location(migration.up.file.shown)


def edited(migration: Migration, row: LedgerRow, now: str | None, when: str = "") -> Finding:
    """The file is not what was applied."""
    return Finding(
        "edited-after-apply",
        Severity.ERROR,
        f"{migration.label} was changed after it was applied{when}: the ledger has checksum {row.checksum}, "
        f"the file has {now}",
        _place(migration),
        "bring the file back as it was, and make the change in a new migration",
    )


def renamed(migration: Migration, row: LedgerRow) -> Finding:
    """The file has another description than the ledger."""
    return Finding(
        "renamed-after-apply",
        Severity.ERROR,
        f'{migration.label} was applied as "{row.name}", the file says "{migration.name}"',
        _place(migration),
        "give the file its old name",
    )


def absent(row: LedgerRow, label: str, *, newer: bool = False) -> Finding:
    """The ledger knows a migration that the folder does not have."""
    where = " (newer than every file: was it applied from another branch?)" if newer else ""
    return Finding(
        "file-absent",
        Severity.ERROR,
        f"{label} is recorded as applied ({row.script or row.name}), but there is no such file{where}",
        None,
        "bring the file back, or promote the commit that has it",
    )


def failed(row: LedgerRow, label: str, migration: Migration | None, hint: str) -> Finding:
    """The ledger says that a migration failed half-way."""
    return Finding(
        "failed-migration",
        Severity.ERROR,
        f"{label} failed half-way according to the ledger ({row.script or row.version})",
        _place(migration) if migration else None,
        hint,
    )


def below_head(migration: Migration, head: str, policy: str) -> Finding:
    """A migration was added below one that is applied already."""
    return Finding(
        "out-of-order",
        Severity.ERROR if policy == "deny" else Severity.WARNING,
        f"{migration.label} was added below {head}, which is applied already; "
        "databases built from nothing would run it earlier",
        _place(migration),
        "give it a version above the newest one, or set migrations.out_of_order",
    )


def not_empty(migration: Migration, tool: str, beside: Sequence[str]) -> Finding:
    """There is something in the schema, and no ledger that says where it came from."""
    shown = ", ".join(beside[:_SHOWN]) + (f" and {len(beside) - _SHOWN} more" if len(beside) > _SHOWN else "")
    return Finding(
        "schema-not-empty",
        Severity.ERROR,
        f"{tool} has no ledger here, but there is something already: {shown}",
        _place(migration),
        "say where this database stands: `pipeline baseline ENV --to VERSION`; or begin with an empty one",
    )


def foreign_row(row: LedgerRow, why: str) -> Finding:
    """The ledger has a row that the format's own tool would not have written."""
    return Finding(
        "foreign-row",
        Severity.ERROR,
        f"the ledger has a row that cannot be understood ({row.script or row.version or row.name}): {why}",
        None,
        "find out who wrote it before anything is promoted",
    )


def no_such_target(target: str, known: str) -> ConfigurationError:
    """The version that was asked for does not exist."""
    return ConfigurationError(
        f"there is no migration {target}",
        why=f"the newest one is {known}",
        todo="see `pipeline status` for all of them",
    )


def has_rows(table: tuple[str, str], version: str) -> Refused:
    """A baseline was asked for where the ledger has rows."""
    return Refused(
        f"a baseline at {version} is not possible: the ledger has rows already",
        where=".".join(table),
        why="a baseline says where a database stands that was never migrated",
        todo="see `pipeline status` for what the ledger says",
    )


def not_failed(label: str) -> ConfigurationError:
    """Somebody said that a migration is complete which did not fail."""
    return ConfigurationError(
        f"{label} did not fail half-way", todo="see `pipeline status` for what the ledger says of it"
    )
