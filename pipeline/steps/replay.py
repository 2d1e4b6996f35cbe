"""What shape does the recorded history make? Exactly its migrations, applied to an empty throwaway.

The answer is kept in the project's state under a digest of all that it depends on, so that a check which runs
every hour starts a server only when there is something new to learn.
"""

import json
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path

from pipeline import __version__
from pipeline.backups import dump
from pipeline.errors import Failed, NeedsHuman
from pipeline.formats.model import Disposition, Migration, MigrationState
from pipeline.postgres import locks
from pipeline.postgres.connect import Session
from pipeline.postgres.target import Target
from pipeline.schema.model import Snapshot
from pipeline.steps import kept
from pipeline.steps.apply import at_work
from pipeline.steps.context import Context
from pipeline.steps.observe import Observed, whole_shape
from pipeline.steps.prepare import prepare
from pipeline.steps.restore import make_database, run_files
from pipeline.steps.standing import has_run
from pipeline.throwaway.interface import Server

KEPT = 16
"""How many shapes are kept; those that were made longest ago go first."""


@dataclass(frozen=True)
class Replayed:
    """The whole shape that a history makes, and in words how it came about; None where nobody can say."""

    shape: Snapshot | None
    words: str


def replay(context: Context, server: Callable[[], Server], observed: Observed) -> Replayed:
    """The shape that the recorded history makes of an empty database: kept from an earlier time, or made."""
    migrations = recorded(observed)
    if migrations is None:
        return Replayed(None, "the ledger holds migrations whose files are not here as they were applied")
    if any(migration.only_by_tool for migration in migrations):
        return Replayed(None, "the recorded history has migrations that only the real tool can run")
    words = f"{len(migrations)} recorded migrations, applied anew"
    folder = context.project.state / "expected"
    path = folder / digest_of(context, observed, migrations)
    known = kept.read(path)
    if known is not None:
        return Replayed(known[0], f"{words} at an earlier check")
    try:
        with replayed(context, server(), observed, "expected") as session:
            shape = whole_shape(context, session)
    except (Failed, NeedsHuman) as error:
        return Replayed(None, f"the recorded history does not apply to an empty database: {error.what}")
    kept.write(path, shape, kept.Note(ledger=path.name))
    _drop_oldest(folder)
    return Replayed(shape, words)


@contextmanager
def replayed(context: Context, server: Server, observed: Observed, name: str) -> Generator[Session]:
    """A database of the throwaway to which the recorded history was applied, as its migration role.

    Raises Failed or NeedsHuman where the history does not apply.
    """
    copy = make_database(server, observed, name)
    run_files(context, copy, context.rehearse.prepare, what="prepare")
    with (
        context.session(copy.target) as session,
        locks.held(session, locks.OURS, deadline=context.limits.advisory_lock, what="the throwaway's lock"),
    ):
        context.books(session).open()
        executor = at_work(context, session)
        for migration in recorded(observed) or ():
            prepared = prepare(migration)
            executor.up(migration, prepared.up, around=prepared.around)
        yield session


@contextmanager
def copied(
    context: Context, source: Target, server: Server, observed: Observed, name: str
) -> Generator[Session]:
    """A database of the throwaway with the schema of ``source`` and no rows, as its migration role.

    Raises Failed or Unavailable where it cannot be copied.
    """
    copy = make_database(server, observed, name)
    version = observed.identity.server_version
    dump.copy_schema(source, copy.admin, server_version=version, environ=context.environ)
    with context.session(copy.target) as session:
        yield session


def recorded(observed: Observed) -> tuple[Migration, ...] | None:
    """The applied migrations in the ledger's order; None where a row has no file that made it."""
    states = [state for state in observed.states if not (observed.converted and _is_mark(state))]
    return _recorded(states, observed.cut_off, covered=observed.converted)


def _is_mark(state: MigrationState) -> bool:
    """Whether it is a baseline's own row."""
    return state.disposition is Disposition.APPLIED and state.migration is None


def digest_of(context: Context, observed: Observed, migrations: Sequence[Migration]) -> str:
    """A digest of all that the shape depends on: scripts, server, roles, what is prepared, this program."""
    identity = observed.identity
    parts: list[object] = [
        [__version__, context.project.migrations.format, list(context.schemas), list(context.ledger.table)],
        [identity.major, identity.owner, identity.role, identity.encoding, identity.collate, identity.ctype],
        [identity.locale_provider, identity.locale, context.project.throwaway_for(context.environment.name)],
        [astuple(role) for role in observed.roles],
        [astuple(setting) for setting in observed.role_settings],
        [_sha256(file.read_bytes()) for file in context.rehearse.prepare],
        [[one.label, one.script, _sha256(one.up.sql.encode())] for one in migrations],
    ]
    return _sha256(json.dumps(parts, default=str).encode())


def _recorded(
    states: Sequence[MigrationState], cut_off: Collection[str], *, covered: bool
) -> tuple[Migration, ...] | None:
    """``covered`` says that what a baseline stands for has been applied too."""
    latest: dict[str, Migration] = {}
    for state in states:
        applied = state.disposition is Disposition.APPLIED
        if state.migration is not None and state.migration.label in cut_off:
            continue
        if state.row is None and not (applied or (covered and has_run(state))):
            continue
        if state.migration is None or (state.row is not None and not applied):
            return None
        latest.pop(state.migration.label, None)
        latest[state.migration.label] = state.migration
    return tuple(latest.values())


def _sha256(content: bytes) -> str:
    return sha256(content).hexdigest()


def _drop_oldest(folder: Path) -> None:
    shapes = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in shapes[KEPT:]:
        path.unlink(missing_ok=True)
