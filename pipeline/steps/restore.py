"""Restore the backup into a throwaway: the same roles, settings, encoding and locale, then the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from pipeline.backups import dump
from pipeline.errors import Failed
from pipeline.postgres.connect import connected
from pipeline.postgres.databases import analyze, create_like
from pipeline.postgres.roles import apply_settings, create_roles
from pipeline.postgres.target import Target
from pipeline.steps.back_up import Taken
from pipeline.steps.context import Context
from pipeline.steps.observe import Observed
from pipeline.throwaway.interface import Server


@dataclass(frozen=True)
class Copy:
    """A database on a throwaway server, reached as the migration role and as the superuser."""

    target: Target
    admin: Target


def make_database(server: Server, like: Observed, name: str) -> Copy:
    """Make an empty database in the likeness of the observed one."""
    root = server.target("postgres")
    with connected(root) as session:
        create_roles(session, like.roles, password=root.resolve().get("password"))
        create_like(session, like.identity, name)
        apply_settings(session, like.role_settings, database=name)
    return Copy(target=server.target(name, like.identity.role), admin=server.target(name))


def restore(context: Context, server: Server, taken: Taken, like: Observed, name: str) -> tuple[Copy, float]:
    """Restore the backup into a new database of the throwaway; returns it, and the seconds that took."""
    copy = make_database(server, like, name)
    started = perf_counter()
    dump.restore(taken.backup, copy.admin, environ=context.environ)
    seconds = perf_counter() - started
    with connected(copy.admin) as session:
        analyze(session, deadline=context.limits.statement)
    return copy, seconds


def run_files(context: Context, copy: Copy, files: Sequence[Path], *, what: str) -> None:
    """Run SQL files as the throwaway's superuser (``rehearse.prepare`` and ``rehearse.seed``)."""
    with connected(copy.admin) as session:
        for file in files:
            name = str(file.relative_to(context.project.root))
            try:
                session.connection.execute(file.read_bytes())
            except Exception as error:
                raise Failed(f"{what} failed on the throwaway", where=name, why=str(error).strip()) from error
            context.listener.murmured("restore", f"{what}: {name}")
