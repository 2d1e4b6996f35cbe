"""Apply and undo migrations on one working connection, for all formats alike."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import NamedTuple

from psycopg import errors

from pipeline.errors import Refused
from pipeline.formats.model import Kind, Migration
from pipeline.postgres import atomic, locks, stepwise
from pipeline.postgres.at_once import Draft, draft
from pipeline.postgres.books import CALL, DOWN, UP
from pipeline.postgres.run import run
from pipeline.postgres.work import (
    ALONE,
    Around,
    Part,
    StrongLocks,
    Unwatched,
    Watch,
    Work,
)
from pipeline.postgres.worksite import Worksite
from pipeline.sql.statements import Statement


class Ready(NamedTuple):
    """A migration to apply, with all that could be made ready for it before its turn."""

    work: Work
    drafted: Draft | None


@dataclass(frozen=True)
class Executor:
    """Runs the scripts of migrations on a worksite whose session holds our lock."""

    site: Worksite

    def up(
        self,
        migration: Migration,
        statements: Sequence[Statement],
        *,
        watch: Watch | None = None,
        strong: StrongLocks = MappingProxyType({}),
        around: Around = ALONE,
    ) -> timedelta:
        """Make a migration ready and apply it: see there."""
        return self.apply(self.ready(migration, statements, strong=strong, around=around), watch)

    def ready(
        self,
        migration: Migration,
        statements: Sequence[Statement],
        *,
        strong: StrongLocks = MappingProxyType({}),
        around: Around = ALONE,
    ) -> Ready:
        """Make ready what ``apply`` needs for a migration, of which ``strong`` says what others wait behind."""
        ledger = self.site.ledger
        work = Work(
            migration=migration,
            direction=UP,
            script=migration.up,
            statements=statements,
            before=ledger.started(migration),
            after=lambda ms: ledger.finished(migration, ms),
            strong=strong,
            around=around,
        )
        return Ready(work, draft(self.site, work))

    def apply(self, ready: Ready, watch: Watch | None = None) -> timedelta:
        """Apply a migration.

        Returns how long somebody may have waited who came at the worst moment, as far as ``strong`` tells.
        Raises Failed (rolled back), NeedsHuman (half-way), Busy (locks), OutcomeUnknown (connection lost).
        """
        self._make_ledger()
        return self._perform(ready, watch or Unwatched())

    def down(
        self, migration: Migration, statements: Sequence[Statement], *, previous: Migration | None
    ) -> None:
        """Take a migration back with its down script; ``previous`` is the newest one that stays applied.

        Raises as ``up`` does, and Refused where there is no down script.
        """
        if migration.down is None:
            raise Refused(f"{migration.label} has no way back", where=migration.up.file.shown)
        work = Work(
            migration=migration,
            direction=DOWN,
            script=migration.down,
            statements=statements,
            before=(),
            after=lambda _: self.site.ledger.undone(migration, previous),
        )
        self._perform(Ready(work, draft(self.site, work)), Unwatched())

    def call(self, script: Part) -> None:
        """Run a callback: a script of which no ledger knows. Raises as ``up`` does."""
        self._make_ledger()
        file = script.script.file
        callback = Migration(Kind.REPEATABLE, None, file.path, file.path, script.script)
        work = Work(callback, CALL, script.script, script.statements, (), lambda _: ())
        way = atomic if work.transactional else stepwise
        way.aside(self.site, work)

    def end(self) -> None:
        """Release the advisory locks that the last script has left to the session; the next one does, too."""
        locks.release_others(self.site.session)

    def _perform(self, ready: Ready, watch: Watch) -> timedelta:
        site, (work, drafted) = self.site, ready
        with site.unhurried() if work.online else nullcontext():
            if work.transactional:
                waited = atomic.perform(site, work, watch, drafted)
            else:
                waited = stepwise.perform(site, work, watch)
        watch.ended()
        return waited

    def _make_ledger(self) -> None:
        if self.site.head:
            return
        connection = self.site.session.connection
        with self.site.format_lock():
            self.site.must_not_have_moved()
            try:
                with connection.transaction():
                    for command in self.site.ledger.create:
                        run(connection, command)
            except errors.InsufficientPrivilege as error:
                raise Refused(
                    f"{connection.info.user} may not create the ledger {'.'.join(self.site.ledger.table)}",
                    where=self.site.session.target.shown,
                    why=error.diag.message_primary,
                    todo="let the role own the managed schemas, or grant it CREATE on them",
                ) from None
            self.site.look()
