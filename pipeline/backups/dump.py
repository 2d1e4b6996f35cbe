"""Take a backup of a database, and give it back to another one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from pipeline.backups.manifest import SCHEMA_VERSION, Manifest, Rows
from pipeline.backups.store import DUMP, Backup, Store, verify
from pipeline.postgres.rows import TableRows
from pipeline.postgres.target import Target
from pipeline.programs import pg_dump
from pipeline.programs.installations import choose_client

DEMANDING = frozenset({"require", "verify-ca", "verify-full"})


@dataclass(frozen=True)
class Facts:
    """What the database held at the dump's own snapshot, and what it is; ``size`` in bytes."""

    database: str
    system_identifier: str
    server_version: str
    size: int
    fingerprint: str
    tables: Mapping[str, TableRows]
    roles: tuple[str, ...]


def take(
    source: Target,
    *,
    store: Path,
    name: str,
    facts: Facts,
    environ: Mapping[str, str],
    snapshot: str | None = None,
    lock_wait: timedelta = pg_dump.LOCK_WAIT,
) -> Backup:
    """Dump ``source`` into ``store`` as ``name``, as of the exported ``snapshot`` that ``facts`` tell of.

    Raises Unavailable when no pg_dump fits the server, Failed when the dump fails or finds no room; then
    nothing of it stays.
    """
    parameters = source.resolve()
    client = choose_client(_major(facts.server_version), environ, tls=_wants_tls(parameters))
    shelf = Store(store)
    shelf.prepare()
    shelf.demand_room(facts.size)
    taken_at = datetime.now(UTC)
    with shelf.draft(name) as draft:
        pg_dump.dump(
            client, parameters, into=draft.write, environ=environ, snapshot=snapshot, lock_wait=lock_wait
        )
        manifest = Manifest(
            schema_version=SCHEMA_VERSION,
            name=name,
            database=facts.database,
            system_identifier=facts.system_identifier,
            server_version=facts.server_version,
            pg_dump=client.version,
            taken_at=taken_at,
            file=DUMP,
            bytes=draft.size,
            sha256=draft.digest,
            fingerprint=facts.fingerprint,
            tables={table: Rows(count=rows.count, digest=rows.digest) for table, rows in facts.tables.items()},
            roles=facts.roles,
        )
        draft.finish(manifest)
    return Backup(store / name, manifest)


def restore(backup: Backup, into: Target, *, environ: Mapping[str, str], jobs: int = 1) -> None:
    """Restore a backup into an empty database whose roles exist, after making sure that it is intact.

    Raises Refused when it is not, Failed when it does not restore (then, with one job, nothing of it stays).
    """
    verify(backup)
    parameters = into.resolve()
    client = choose_client(_major(backup.manifest.pg_dump), environ, tls=_wants_tls(parameters))
    pg_dump.restore(client, parameters, backup.file, environ=environ, jobs=jobs)


def copy_schema(source: Target, into: Target, *, server_version: str, environ: Mapping[str, str]) -> None:
    """Give an empty database whose roles exist the schema of ``source``, and no rows.

    Raises Unavailable when no pg_dump fits the server, Failed when it fails.
    """
    parameters = source.resolve()
    client = choose_client(_major(server_version), environ, tls=_wants_tls(parameters))
    with NamedTemporaryFile(prefix="pipeline-schema-") as file:
        pg_dump.dump(client, parameters, into=file.write, environ=environ, schema_only=True)
        file.flush()
        pg_dump.restore(client, into.resolve(), Path(file.name), environ=environ)


def _major(version: str) -> int:
    return int(version.split(".", 1)[0])


def _wants_tls(parameters: Mapping[str, str]) -> bool:
    """Whether the connection must be, or off this machine had better be, encrypted."""
    mode, host = parameters.get("sslmode", "prefer"), parameters.get("host", "")
    local = not host or host.startswith(("/", "@")) or host in {"localhost", "127.0.0.1", "::1"}
    return mode in DEMANDING or (mode != "disable" and not local)
