"""Take a backup, and write down what the database held at the very instant the dump shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString

from pipeline.backups import dump
from pipeline.backups.dump import Facts
from pipeline.backups.store import Backup
from pipeline.formats.model import History
from pipeline.postgres.history import read_history
from pipeline.postgres.identity import Identity, identify, size_of
from pipeline.postgres.roles import read_roles
from pipeline.postgres.rows import TableRows, read_rows
from pipeline.postgres.run import one
from pipeline.postgres.target import Target
from pipeline.postgres.transaction import reading
from pipeline.schema.digest import fingerprint
from pipeline.schema.model import Snapshot
from pipeline.steps.context import Context
from pipeline.steps.observe import snapshot_of

EXPORT: LiteralString = "select pg_catalog.pg_export_snapshot()"


@dataclass(frozen=True)
class Taken:
    """A backup beside what the database held when it was taken."""

    backup: Backup
    identity: Identity
    snapshot: Snapshot
    rows: Mapping[str, TableRows]
    history: History

    @property
    def taken_at(self) -> str:
        """When, in UTC and ISO 8601."""
        return self.backup.manifest.taken_at.isoformat(timespec="seconds").replace("+00:00", "Z")

    def shown(self, root: Path) -> str:
        """Where it lies, for people: relative to the project where it is inside."""
        folder = self.backup.folder
        return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)


def back_up(context: Context, target: Target) -> Taken:
    """Dump the target under an exported snapshot, and count its rows under the same one."""
    with context.session(target) as session, reading(session):
        exported = str(one(session.connection, EXPORT)[0])
        identity = identify(session)
        snapshot = snapshot_of(context, session)
        rows = read_rows(session.connection, context.schemas)
        backup = dump.take(
            target,
            store=context.environment.backup.store,
            name=f"{context.project.project}-{context.environment.name}-{context.run_id}",
            snapshot=exported,
            facts=Facts(
                database=identity.database,
                system_identifier=identity.system_identifier,
                server_version=identity.server_version,
                size=size_of(session),
                fingerprint=fingerprint(snapshot),
                tables=rows,
                roles=tuple(role.name for role in read_roles(session)),
            ),
            environ=context.environ,
        )
        return Taken(backup, identity, snapshot, rows, read_history(session, context.ledger))
